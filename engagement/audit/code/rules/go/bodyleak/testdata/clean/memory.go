package fetch

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
)

// A reader of gzip frees nothing but memory: its Close leaves what it reads from alone.
func unpack(body []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if r.Name == "" {
		return nil, errors.New("no name")
	}
	defer r.Close()
	return io.ReadAll(r)
}

func inflate(body []byte) ([]byte, error) {
	r, err := zlib.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}
