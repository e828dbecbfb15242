//go:build unix

package server

import (
	"io/fs"
	"syscall"
)

// ownerOf is to whom a file belongs.
func ownerOf(info fs.FileInfo) (fileOwner, bool) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return fileOwner{}, false
	}
	return fileOwner{uid: int(stat.Uid), gid: int(stat.Gid)}, true
}
