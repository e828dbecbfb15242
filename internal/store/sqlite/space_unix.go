//go:build linux || darwin || freebsd

package sqlite

import (
	"errors"
	"syscall"

	"golang.org/x/sys/unix"
)

// freeSpace is what this program's user may still write to the folder's disk, in
// bytes, and whether the system can tell.
func freeSpace(dir string) (uint64, bool) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, false
	}
	// The types differ from system to system, and FreeBSD's goes below zero.
	return uint64(max(int64(s.Bavail), 0)) * uint64(s.Bsize), true //nolint:gosec // see above
}

func isNoSpace(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}
