package server

import (
	"context"
	"path/filepath"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/store/sqlite"
)

// OpenTrail is the audit trails of a data folder, open for reading.
type OpenTrail struct {
	keyring.Trail
	store *sqlite.Store
}

// OpenAudit opens the audit trails of a data folder that is there, also while a
// server runs on it, and makes none. It asks for no pepper and no platform
// file: a copy of the database in a folder of its own is enough.
func OpenAudit(ctx context.Context, dir string) (*OpenTrail, error) {
	if err := mustExist(dir); err != nil {
		return nil, err
	}
	store, err := sqlite.Open(ctx, filepath.Join(dir, DatabaseFile))
	if err != nil {
		return nil, err
	}
	return &OpenTrail{Trail: keyring.NewTrail(store), store: store}, nil
}

// Close closes the database.
func (o *OpenTrail) Close() error { return o.store.Close() }
