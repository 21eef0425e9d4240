package xlsx

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"unsafe"
)

// loadStrings reads the shared strings, once.
func (f *File) loadStrings(ctx context.Context, progress func(int64)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.shared == nil {
		return nil
	}
	if f.ids != nil {
		if progress != nil {
			progress(f.shared.size)
		}
		return nil
	}
	err := f.readStrings(ctx, progress)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return f.partError(f.shared.name, err)
}

// arena keeps many small texts in few pieces of memory.
type arena struct{ buf []byte }

// add copies b and returns it as a string. What was given out is never written again.
func (a *arena) add(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if len(b) > cap(a.buf)-len(a.buf) {
		a.buf = make([]byte, 0, max(256<<10, len(b)))
	}
	n := len(a.buf)
	a.buf = append(a.buf, b...)
	return unsafe.String(&a.buf[n], len(b))
}

// readStrings fills f.ids. Texts are numbered in lots, so that the table of texts is locked seldom.
func (f *File) readStrings(ctx context.Context, progress func(int64)) error {
	w := f.newWindow(ctx, f.shared, progress)
	defer w.close()
	var texts []string
	var store arena
	var buf []byte
	prefix, begun := "", false
	for {
		n, name, more, err := stringsTag(w.buf[w.pos:], &prefix, begun)
		if err == nil && !more && string(name) == "si" {
			var end int
			if end, more, err = skipElement(w.buf[w.pos:], n); err == nil && !more {
				if buf, err = appendRich(buf[:0], w.buf[w.pos+n:w.pos+end]); err == nil {
					texts = append(texts, store.add(buf))
					w.pos += end
					continue
				}
			}
		}
		switch {
		case err != nil:
			if begun {
				err = fmt.Errorf("shared string %d: %w", len(texts), err)
			}
			return err
		case more:
			if err := w.more(); err != nil {
				return err
			}
			continue
		case name == nil:
			if err := w.drain(); err != nil {
				return err
			}
			ids := make([]uint32, len(texts))
			f.strings.IDs(texts, ids)
			f.ids = ids
			return nil
		case !begun:
			if string(name) != "sst" {
				return fmt.Errorf("its root element is %q, not sst", name)
			}
			begun = true
			end, empty, more, err := tagEnd(w.buf[w.pos:], n)
			if err != nil || more {
				return errors.Join(err, errCut)
			}
			if w.pos += end; empty {
				f.ids = []uint32{}
				return w.drain()
			}
		default: // extLst and the like
			end, more, err := skipElement(w.buf[w.pos:], n)
			if err == nil && more {
				err = w.more()
				end = 0
			}
			if err != nil {
				return err
			}
			w.pos += end
		}
	}
}

// stringsTag finds the next start tag of the shared strings: its index, and its name without the prefix. No name means
// that the root element ends. Before the root has begun it finds the root, whose whole tag is then in b, n is the index behind its name.
func stringsTag(b []byte, prefix *string, begun bool) (n int, name []byte, more bool, err error) {
	if !begun {
		n, more, err = prolog(b)
		if err != nil || more {
			return 0, nil, more, err
		}
		end := nameEnd(b, n+1)
		if _, _, more, err := tagEnd(b, end); err != nil || more {
			return 0, nil, more, err
		}
		name = b[n+1 : end]
		if k := bytes.IndexByte(name, ':'); k >= 0 {
			*prefix, name = string(name[:k+1]), name[k+1:]
		}
		return end, name, false, nil
	}
	for {
		k := bytes.IndexByte(b[n:], '<')
		if k < 0 || n+k+1 >= len(b) {
			return 0, nil, true, nil
		}
		n += k
		if b[n+1] == '/' {
			return n, nil, false, nil
		}
		k, more, err := aside(b[n:])
		if err != nil || more {
			return 0, nil, more, err
		}
		if k == 0 {
			break
		}
		n += k
	}
	end := nameEnd(b, n+1)
	if end == len(b) {
		return 0, nil, true, nil
	}
	name = b[n+1 : end]
	if bytes.HasPrefix(name, []byte(*prefix)) {
		return n, name[len(*prefix):], false, nil
	}
	return n, name, false, nil
}

// drain reads to the end of the part, where its checksum is looked at.
func (w *window) drain() error {
	for !w.eof {
		w.pos = len(w.buf)
		if err := w.more(); err != nil {
			return err
		}
	}
	return nil
}

// appendRich appends the text of an element si or is, which is whole: that of t and of the runs r, without the phonetic
// runs rPh. White space around a text counts where xml:space is "preserve".
func appendRich(dst, b []byte) ([]byte, error) {
	i, _, _, err := tagEnd(b, nameEnd(b, 1))
	if err != nil {
		return dst, err
	}
	for {
		k := bytes.IndexByte(b[i:], '<')
		if k < 0 || i+k+1 >= len(b) {
			return dst, nil
		}
		i += k
		if b[i+1] == '/' {
			i += 2
			continue
		}
		n, more, err := aside(b[i:])
		if err != nil || more {
			return dst, errors.Join(err, errCut)
		}
		if i += n; n > 0 {
			continue
		}
		after := nameEnd(b, i+1)
		name := b[i+1 : after]
		if k := bytes.IndexByte(name, ':'); k >= 0 {
			name = name[k+1:]
		}
		switch string(name) {
		case "t":
			if dst, i, err = appendRun(dst, b, after); err != nil {
				return dst, err
			}
		case "r":
			if i, _, _, err = tagEnd(b, after); err != nil {
				return dst, err
			}
		default:
			if i, more, err = skipElement(b, i); err != nil || more {
				return dst, errors.Join(err, errCut)
			}
		}
	}
}

// appendRun appends the text of an element t whose attributes begin at at, and returns the index behind its text.
func appendRun(dst, b []byte, at int) ([]byte, int, error) {
	keep := false
	for {
		ns, ne, vs, ve, found := nextAttr(b, at)
		switch found {
		case attrFound:
			if string(b[ns:ne]) == "xml:space" {
				keep = string(b[vs:ve]) == "preserve"
			}
			at = ve + 1
			continue
		case attrEmpty:
			return dst, ns, nil
		case attrOpen:
			stop, has, more, err := textEnd(b, ns)
			if err != nil || more {
				return dst, 0, errors.Join(err, errCut)
			}
			raw := b[ns:stop]
			if !keep {
				raw = trimSpace(raw)
			}
			from := len(dst)
			if dst, err = appendText(dst, raw, has); err == nil && has&isEscape != 0 {
				dst = dst[:from+len(unescape(dst[from:]))]
			}
			return dst, stop, err
		}
		return dst, 0, errTag
	}
}
