package canon

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// maxJSONDepth bounds the nesting of a document: PostgreSQL's own bound is its stack, MySQL's is 100.
const maxJSONDepth = 1000

// AppendJSON appends a document by its meaning: keys sorted by their bytes, the last of equal keys kept
// as jsonb and MySQL keep it, numbers as decimals, strings unescaped. The error says what is wrong with
// a text that is no document.
func AppendJSON(dst, document []byte) ([]byte, error) {
	dec := json.NewDecoder(bytes.NewReader(document))
	dec.UseNumber()
	out, err := appendJSONValue(dst, dec, 0)
	if err == nil && bytes.Contains(out[len(dst):], replacement) && !bytes.Contains(document, replacement) && !bytes.Contains(bytes.ToLower(document), escapedReplacement) {
		// The decoder puts U+FFFD where it finds half a surrogate pair or a byte that is not UTF-8: two
		// different documents would be the same.
		err = errors.New("a string in it is no Unicode text")
	}
	if err == nil {
		if _, more := dec.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("text behind the document")
		}
	}
	if err != nil {
		return dst, fmt.Errorf("%q is not JSON: %w", clip(string(document)), err)
	}
	return out, nil
}

var (
	replacement        = []byte("\uFFFD")
	escapedReplacement = []byte(`\ufffd`)
)

func appendJSONValue(dst []byte, dec *json.Decoder, depth int) ([]byte, error) {
	token, err := dec.Token()
	if err != nil {
		return dst, err
	}
	return appendJSONToken(dst, dec, token, depth)
}

func appendJSONToken(dst []byte, dec *json.Decoder, token json.Token, depth int) ([]byte, error) {
	switch v := token.(type) {
	case nil:
		return append(dst, byte(JSONNull)), nil
	case bool:
		if v {
			return append(dst, byte(JSONTrue)), nil
		}
		return append(dst, byte(JSONFalse)), nil
	case json.Number:
		return AppendDecimal(dst, string(v))
	case string:
		return AppendText(dst, v), nil
	case json.Delim:
		if depth == maxJSONDepth {
			return dst, fmt.Errorf("it nests deeper than %d levels", maxJSONDepth)
		}
		if v == '[' {
			return appendJSONArray(dst, dec, depth+1)
		}
		return appendJSONObject(dst, dec, depth+1)
	}
	return dst, fmt.Errorf("unexpected %v", token)
}

func appendJSONArray(dst []byte, dec *json.Decoder, depth int) ([]byte, error) {
	// The count stands before the elements and is known behind them.
	var elements []byte
	n := 0
	for dec.More() {
		var err error
		if elements, err = appendJSONValue(elements, dec, depth); err != nil {
			return dst, err
		}
		n++
	}
	if _, err := dec.Token(); err != nil {
		return dst, err
	}
	dst = binary.AppendUvarint(append(dst, byte(JSONArray)), uint64(n))
	return append(dst, elements...), nil
}

func appendJSONObject(dst []byte, dec *json.Decoder, depth int) ([]byte, error) {
	type pair struct {
		key   string
		value []byte
	}
	var pairs []pair
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return dst, err
		}
		name, ok := key.(string)
		if !ok {
			return dst, fmt.Errorf("unexpected key %v", key)
		}
		value, err := appendJSONValue(nil, dec, depth)
		if err != nil {
			return dst, err
		}
		pairs = append(pairs, pair{name, value})
	}
	if _, err := dec.Token(); err != nil {
		return dst, err
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return strings.Compare(a.key, b.key) })
	kept := pairs[:0]
	for i, p := range pairs {
		if i+1 < len(pairs) && pairs[i+1].key == p.key {
			continue // a later one of the same key stands behind it
		}
		kept = append(kept, p)
	}
	dst = binary.AppendUvarint(append(dst, byte(JSONObject)), uint64(len(kept)))
	for _, p := range kept {
		dst = append(AppendText(dst, p.key), p.value...)
	}
	return dst, nil
}
