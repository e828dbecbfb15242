//go:build !linux && !darwin && !freebsd && !windows

package sqlite

import (
	"errors"
	"syscall"
)

// freeSpace cannot tell here: only a write shows whether the disk has room.
func freeSpace(string) (uint64, bool) { return 0, false }

func isNoSpace(err error) bool { return errors.Is(err, syscall.ENOSPC) }
