package server

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// hasACL reports whether the file has an access control list. The bits of its group are
// then the most that any entry grants, and not what the group may do.
func hasACL(path string) bool {
	n, err := syscall.Getxattr(path, "system.posix_acl_access", nil)
	return err == nil && n > 0
}

// networkFileSystem names the network file system that the folder is on; it is "" for a
// disk of this machine.
func networkFileSystem(dir string) string {
	var stat unix.Statfs_t
	if err := unix.Statfs(dir, &stat); err != nil {
		return ""
	}
	switch uint32(stat.Type) { //nolint:gosec // a magic number of 32 bits, in a type that differs between processors
	case unix.NFS_SUPER_MAGIC:
		return "NFS"
	case unix.SMB_SUPER_MAGIC, unix.CIFS_SUPER_MAGIC, unix.SMB2_SUPER_MAGIC:
		return "SMB"
	}
	return ""
}
