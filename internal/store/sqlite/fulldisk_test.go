package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/store/sqlite"
	"github.com/postern-dev/terraform-provider-postern/internal/store/storetest"
)

// TestFaults_RevocationsGoThroughAtTheLimitOfPages meets SQLite's own SQLITE_FULL on
// any machine; the test beside it fills a real disk where it may make one.
func TestFaults_RevocationsGoThroughAtTheLimitOfPages(t *testing.T) {
	t.Parallel()
	storetest.RunFull(t, func(t *testing.T) storetest.Disk {
		path := filepath.Join(t.TempDir(), "postern.db")
		var s *sqlite.Store
		full := false
		limit := func(n int) {
			if err := s.LimitPages(t.Context(), n); err != nil {
				t.Fatal(err)
			}
		}
		return storetest.Disk{
			Open: func(t *testing.T) keyring.Store {
				s = open(t, path)
				if full {
					limit(1) // it is not stored
				}
				return s
			},
			Fill: func() { full = true; limit(1) },
			Free: func() { full = false; limit(0) },
		}
	})
}
