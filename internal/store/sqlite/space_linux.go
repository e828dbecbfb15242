package sqlite

import (
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// allocate gives the file blocks of its own. Some file systems (ZFS) say yes and
// allocate none, so the blocks are counted.
func allocate(f *os.File, from, n int64) error {
	err := unix.Fallocate(int(f.Fd()), 0, from, n)
	switch {
	case errors.Is(err, syscall.EOPNOTSUPP), errors.Is(err, syscall.ENOSYS):
		return writeNoise(f, from, n)
	case err != nil:
		return err
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if had, ok := info.Sys().(*syscall.Stat_t); ok && had.Blocks*512 < from+n {
		return writeNoise(f, from, n)
	}
	return nil
}
