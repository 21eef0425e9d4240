package pgrelease

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
)

const (
	// A build has some 1400 files and 90 MB; what goes far beyond is no build.
	maxFiles    = 20_000
	maxUnpacked = 1 << 30
	linkList    = "pg-symlinks.json"
)

// unpack writes the programs, libraries and shared files of a package below dir, and returns the list of
// links. Archives are foreign: names that lead out, links and devices are refused, and sizes are bounded.
// What only serves building against the server is left out.
func unpack(archive []byte, dir string) (links []byte, err error) {
	zipped, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		return nil, err
	}
	reader := tar.NewReader(io.LimitReader(zipped, maxUnpacked))
	for files := 0; ; files++ {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if files > maxFiles {
			return nil, fmt.Errorf("it holds more than %d files", maxFiles)
		}
		name, ok := strings.CutPrefix(header.Name, "package/")
		if !ok || header.Typeflag == tar.TypeDir {
			continue
		}
		if header.Typeflag != tar.TypeReg {
			return nil, fmt.Errorf("%q is neither file nor folder", header.Name)
		}
		within, ok := inside(name)
		if !ok {
			if strings.Contains(name, "..") || path.IsAbs(name) {
				return nil, fmt.Errorf("%q leads out of the package", header.Name)
			}
			continue
		}
		if within == linkList {
			if links, err = io.ReadAll(reader); err != nil {
				return nil, err
			}
			continue
		}
		if strings.HasSuffix(within, ".a") || strings.Contains(within, "/pgxs/") {
			continue
		}
		if err := write(filepath.Join(dir, within), reader, header.Mode&0o111 != 0); err != nil {
			return nil, err
		}
	}
	if links == nil {
		return nil, fmt.Errorf("it holds no %s", linkList)
	}
	return links, nil
}

// inside returns the path below native of a name in the package, and false for any other name.
func inside(name string) (string, bool) {
	within, ok := strings.CutPrefix(name, "native/")
	if !ok || !filepath.IsLocal(within) || path.Clean(within) != within {
		return "", false
	}
	return within, true
}

// write makes a file and the folders above it, readable to everyone, for a server runs as another account.
func write(name string, from io.Reader, program bool) error {
	mode := os.FileMode(0o644)
	if program {
		mode = 0o755
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, from)
	if closed := file.Close(); err == nil {
		err = closed
	}
	return err
}
