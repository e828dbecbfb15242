package server

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// prepareFolder makes the data folder when it is not there, and refuses one that others
// can look into or that cannot be used.
func (d Data) prepareFolder() error {
	info, err := os.Stat(d.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(d.Dir, folderMode); err != nil {
			return fmt.Errorf("making the data folder %s: %w; %s", d.Dir, err, d.adviseOn(err))
		}
		info, err = os.Stat(d.Dir)
	}
	switch {
	case err != nil:
		return fmt.Errorf("looking at the data folder %s: %w; choose another with --data-dir", d.Dir, err)
	case !info.IsDir():
		return fmt.Errorf("the data folder %s is not a folder; choose another with --data-dir", d.Dir)
	}
	if err := d.checkAccess(guardedFolder, d.Dir); err != nil {
		return err
	}
	if _, err := os.ReadDir(d.Dir); err != nil {
		return fmt.Errorf("reading the data folder %s: %w; %s", d.Dir, err, d.adviseOn(err))
	}
	// Only a write shows whether writing is possible.
	probe, err := os.CreateTemp(d.Dir, probePrefix+"*")
	if err != nil {
		return fmt.Errorf("writing to the data folder %s: %w; %s", d.Dir, err, d.adviseOn(err))
	}
	if err := errors.Join(probe.Close(), os.Remove(probe.Name())); err != nil {
		return fmt.Errorf("writing to the data folder %s: %w", d.Dir, err)
	}
	return nil
}

// adviseOn says what to do when the system refuses the data folder to this program.
func (d Data) adviseOn(err error) string {
	uid := os.Geteuid()
	switch {
	case errors.Is(err, syscall.EROFS):
		return "its file system is read-only: mount it for writing, or choose another folder with --data-dir"
	case !errors.Is(err, fs.ErrPermission):
		return "choose another folder with --data-dir"
	case uid == 0:
		return "this program runs as root and is refused all the same, as by an NFS server with root_squash: run it as the folder's owner, or choose another folder with --data-dir"
	}
	if info, err := os.Stat(d.Dir); err == nil {
		if o, ok := ownerOf(info); ok && o.uid != uid {
			return thisProcess().advise(guardedFolder, d.Dir, o)
		}
	}
	return "let this program's user read it and write to it, or choose another folder with --data-dir"
}
