package sqlite

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// freeSpace is what this program's user may still write to the folder's disk, in
// bytes, and whether the system can tell.
func freeSpace(dir string) (uint64, bool) {
	name, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0, false
	}
	var free uint64
	err = windows.GetDiskFreeSpaceEx(name, &free, nil, nil)
	return free, err == nil
}

// giveToOwnerOf does nothing: here the folder's own rights go on to what is made in it.
func giveToOwnerOf(*os.File, string) {}

func isNoSpace(err error) bool {
	return errors.Is(err, windows.ERROR_DISK_FULL) || errors.Is(err, windows.ERROR_HANDLE_DISK_FULL) || errors.Is(err, windows.ERROR_DISK_QUOTA_EXCEEDED)
}
