package server

import (
	"context"
	"fmt"
	"path/filepath"
)

// OpenExisting opens a data folder that is there, also while a server runs on it,
// and makes none: for commands that work on what there is, a folder that is
// missing is a mistyped name. Accounts may be on platforms whose files are not named.
func OpenExisting(ctx context.Context, d Data) (*OpenData, error) {
	if err := mustExist(d.Dir); err != nil {
		return nil, err
	}
	d.anyPlatform = true
	return Open(ctx, d)
}

func mustExist(dir string) error {
	if dir == "" {
		return errNoFolder
	}
	if !exists(dir) {
		return fmt.Errorf("there is no data folder %s; name the right one with --data-dir, or make it with: postern init", dir)
	}
	if !exists(filepath.Join(dir, DatabaseFile)) {
		return fmt.Errorf("%s is no data folder, as it holds no %s; name the right one with --data-dir, or make one with: postern init", dir, DatabaseFile)
	}
	return nil
}
