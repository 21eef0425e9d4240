//go:build !linux

package measure

import (
	"errors"
	"os"
)

func filesystem(string) string { return "" }

// openDirect refuses: only Linux is known to pass the page cache by on request.
func openDirect(string) (*os.File, error) {
	return nil, errors.New("on this operating system reads cannot pass the page cache by, so that the cache would be measured and not the disk")
}
