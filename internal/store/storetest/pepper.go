package storetest

import (
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

func testPepperChecks(t *testing.T, d *db) {
	checks := func(r keyring.Reader) (map[int][]byte, error) { return r.PepperChecks(t.Context()) }
	same(t, read(d, checks), map[int][]byte{})
	insert := func(version int) func(keyring.Writer) error {
		return func(w keyring.Writer) error { return w.InsertPepperCheck(t.Context(), version, digest("pepper")) }
	}
	d.update("", insert(1))
	d.update("", insert(3))
	d.refused(keyring.ErrDuplicate, "", insert(1))
	same(t, read(d, checks), map[int][]byte{1: digest("pepper"), 3: digest("pepper")})
}
