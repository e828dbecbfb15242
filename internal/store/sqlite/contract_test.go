package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/store/sqlite"
	"github.com/postern-dev/terraform-provider-postern/internal/store/storetest"
)

func open(t testing.TB, path string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	return s
}

func TestContract(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) storetest.Opener {
		path := filepath.Join(t.TempDir(), "postern.db")
		return func(t *testing.T) keyring.Store { return open(t, path) }
	})
}

// TestContract_ShortPages is the contract again, where each page looks at three entries
// of an index and ends there.
func TestContract_ShortPages(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) storetest.Opener {
		path := filepath.Join(t.TempDir(), "postern.db")
		return func(t *testing.T) keyring.Store {
			s := open(t, path)
			s.SetReach(3)
			return s
		}
	})
}
