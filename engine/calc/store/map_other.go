//go:build !unix

package store

import (
	"errors"
	"os"
)

func mapped(*os.File, int64, int) ([]byte, error) { return nil, errors.ErrUnsupported }

func unmap([]byte) error { return nil }

func release([]byte) {}
