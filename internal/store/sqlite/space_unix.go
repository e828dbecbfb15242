//go:build linux || darwin || freebsd

package sqlite

import (
	"errors"
	"os"
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

// giveToOwnerOf gives a file to the owner of the folder when this program runs as root, as
// SQLite does with the files that it makes. Where root may not, as in some containers,
// the file serves this program all the same.
func giveToOwnerOf(f *os.File, dir string) {
	if os.Geteuid() != 0 {
		return
	}
	if info, err := os.Stat(dir); err == nil {
		if owner, ok := info.Sys().(*syscall.Stat_t); ok {
			_ = f.Chown(int(owner.Uid), int(owner.Gid))
		}
	}
}

func isNoSpace(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}
