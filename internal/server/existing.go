package server

import (
	"context"
	"fmt"
	"path/filepath"
)

// OpenExisting opens a data folder that is there, also while a server runs on it,
// and makes none: for commands that work on what there is, a folder that is
// missing is a mistyped name.
func OpenExisting(ctx context.Context, d Data) (*OpenData, error) {
	if !exists(d.Dir) {
		return nil, fmt.Errorf("there is no data folder %s; name the right one with --data-dir, or make it with: postern init", d.Dir)
	}
	if !exists(filepath.Join(d.Dir, DatabaseFile)) {
		return nil, fmt.Errorf("%s is no data folder, as it holds no %s; name the right one with --data-dir, or make one with: postern init", d.Dir, DatabaseFile)
	}
	return Open(ctx, d)
}
