package xlsx

import (
	"bytes"
	"errors"
	"fmt"
)

// Functions here read markup at an index of a buffer that may end anywhere. Where it ends too early they say more, and
// the caller comes again with a longer one.

// What nextAttr has found.
const (
	attrFound = iota
	attrOpen  // ">": the tag ends, content follows
	attrEmpty // "/>": the tag and the element end
	attrMore
	attrBroken
)

var errTag = errors.New("a tag is broken")

// nextAttr reads an attribute at i: its name is b[ns:ne], its value b[vs:ve], the next one begins at ve+1. At the end of
// the tag ns is the index behind it.
func nextAttr(b []byte, i int) (ns, ne, vs, ve, found int) {
	for i < len(b) && isSpace(b[i]) {
		i++
	}
	if i >= len(b) {
		return 0, 0, 0, 0, attrMore
	}
	switch b[i] {
	case '>':
		return i + 1, 0, 0, 0, attrOpen
	case '/':
		switch {
		case i+1 >= len(b):
			return 0, 0, 0, 0, attrMore
		case b[i+1] != '>':
			return 0, 0, 0, 0, attrBroken
		}
		return i + 2, 0, 0, 0, attrEmpty
	}
	ns = i
	for i < len(b) && b[i] != '=' && b[i] > ' ' && b[i] != '>' {
		i++
	}
	ne = i
	for i < len(b) && isSpace(b[i]) {
		i++
	}
	if i >= len(b) {
		return 0, 0, 0, 0, attrMore
	}
	if b[i] != '=' || ns == ne {
		return 0, 0, 0, 0, attrBroken
	}
	i++
	for i < len(b) && isSpace(b[i]) {
		i++
	}
	if i >= len(b) {
		return 0, 0, 0, 0, attrMore
	}
	q := b[i]
	if q != '"' && q != '\'' {
		return 0, 0, 0, 0, attrBroken
	}
	i++
	vs = i
	for i < len(b) && b[i] != q {
		i++
	}
	if i >= len(b) {
		return 0, 0, 0, 0, attrMore
	}
	return ns, ne, vs, i, attrFound
}

// tagEnd returns the index behind the tag in which i lies, and whether it ends the element too.
func tagEnd(b []byte, i int) (end int, empty, more bool, err error) {
	for {
		ns, _, _, ve, found := nextAttr(b, i)
		switch found {
		case attrFound:
			i = ve + 1
		case attrOpen, attrEmpty:
			return ns, found == attrEmpty, false, nil
		case attrMore:
			return 0, false, true, nil
		default:
			return 0, false, false, errTag
		}
	}
}

// nameEnd returns the index behind the name that begins at i, or len(b) where b ends within it.
func nameEnd(b []byte, i int) int {
	for i < len(b) && b[i] > ' ' && b[i] != '>' && b[i] != '/' {
		i++
	}
	return i
}

// closeTag returns the index behind "</prefix:name>" at i.
func closeTag(b []byte, i int, prefix, name string) (end int, more bool, err error) {
	n := i + 2 + len(prefix) + len(name)
	if n >= len(b) {
		return 0, true, nil
	}
	if b[i+1] == '/' && string(b[i+2:i+2+len(prefix)]) == prefix && string(b[n-len(name):n]) == name {
		for n < len(b) && isSpace(b[n]) {
			n++
		}
		if n >= len(b) {
			return 0, true, nil
		}
		if b[n] == '>' {
			return n + 1, false, nil
		}
	}
	return 0, false, fmt.Errorf("the element %s is not closed", name)
}

// textEnd returns the index of the end tag behind the text that begins at i, and the classes of the text's bytes.
func textEnd(b []byte, i int) (end int, found uint8, more bool, err error) {
	for {
		for i < len(b) && classes[b[i]] == 0 {
			i++
		}
		if i+1 >= len(b) {
			return 0, 0, true, nil
		}
		if k := classes[b[i]]; k != isMarkup {
			found |= k
			i++
			continue
		}
		if b[i+1] == '/' {
			return i, found, false, nil
		}
		n, more, err := aside(b[i:])
		switch {
		case err != nil || more:
			return 0, 0, more, err
		case n == 0:
			return 0, 0, false, errors.New("an element stands where text should")
		}
		for _, c := range b[i : i+n] {
			found |= classes[c] & (isBeyond | isIllegal | isEscape)
		}
		found |= isNested
		i += n
	}
}

// skipElement returns the index behind the element whose start tag is at i.
func skipElement(b []byte, i int) (end int, more bool, err error) {
	for depth := 0; ; {
		k := bytes.IndexByte(b[i:], '<')
		if k < 0 || i+k+1 >= len(b) {
			return 0, true, nil
		}
		i += k
		if b[i+1] == '/' {
			depth--
			if k = bytes.IndexByte(b[i:], '>'); k < 0 {
				return 0, true, nil
			}
			i += k + 1
		} else {
			n, more, err := aside(b[i:])
			if err != nil || more {
				return 0, more, err
			}
			if i += n; n > 0 {
				continue
			}
			end, empty, more, err := tagEnd(b, nameEnd(b, i+1))
			if err != nil || more {
				return 0, more, err
			}
			if i = end; !empty {
				depth++
			}
		}
		switch {
		case depth <= 0:
			return i, false, nil
		case depth > MaxNesting:
			return 0, false, fmt.Errorf("elements are nested more than %d deep", MaxNesting)
		}
	}
}
