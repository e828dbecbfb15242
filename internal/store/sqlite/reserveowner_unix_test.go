//go:build linux || darwin || freebsd

package sqlite_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/store/sqlite"
)

// An operator's command that runs as root makes no reserve that the server could not give
// up: it is the server that has to revoke on a full disk.
func TestReserve_BelongsToTheOwnerOfTheFolder(t *testing.T) {
	t.Parallel()
	const owner, group = 12345, 54321
	dir := t.TempDir()
	if os.Geteuid() != 0 {
		t.Skip("only root can make a file for another user")
	}
	if err := os.Chown(dir, owner, group); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "postern.db")
	s, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	err = s.Update(t.Context(), "", func(w keyring.Writer) error {
		return w.InsertAccount(t.Context(), keyring.Account{ID: "acct_1", Platform: "postern", Standing: "open"})
	})
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path + "-reserve")
	if err != nil {
		t.Fatal(err)
	}
	if of, ok := info.Sys().(*syscall.Stat_t); !ok || of.Uid != owner || of.Gid != group {
		t.Errorf("the reserve belongs to %+v, want %d:%d", of, owner, group)
	}
}
