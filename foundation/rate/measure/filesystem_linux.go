package measure

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// filesystem returns the name of the file system of a folder, as mount(8) spells it, its magic number for one
// that is not known here, and "" where the folder is not there.
func filesystem(dir string) string {
	var s unix.Statfs_t
	if unix.Statfs(dir, &s) != nil {
		return ""
	}
	switch magic := uint32(s.Type); magic { //nolint:unconvert // the type differs between architectures
	case unix.EXT4_SUPER_MAGIC:
		return "ext4"
	case unix.XFS_SUPER_MAGIC:
		return "xfs"
	case unix.BTRFS_SUPER_MAGIC:
		return "btrfs"
	case unix.TMPFS_MAGIC:
		return "tmpfs"
	case unix.RAMFS_MAGIC:
		return "ramfs"
	case unix.OVERLAYFS_SUPER_MAGIC:
		return "overlay"
	case unix.NFS_SUPER_MAGIC:
		return "nfs"
	case unix.FUSE_SUPER_MAGIC:
		return "fuse"
	case 0x2fc12fc1:
		return "zfs"
	case unix.F2FS_SUPER_MAGIC:
		return "f2fs"
	default:
		return fmt.Sprintf("0x%x", magic)
	}
}

// openDirect opens a file so that reads and writes pass the page cache by.
func openDirect(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|syscall.O_DIRECT, 0)
	if err != nil {
		return nil, fmt.Errorf("the file system of %s (%s) refuses to pass the page cache by (O_DIRECT), so that the cache would be measured and not the disk; choose a folder on a disk with --dir: %w", filepath.Dir(path), filesystem(filepath.Dir(path)), err)
	}
	return file, nil
}
