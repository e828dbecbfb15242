package servertest

import (
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// NewAccount makes one more account on the server, by the operator's way, and
// returns its id and owner credential.
func (s *Server) NewAccount(t testing.TB, platform string) (id, owner string) {
	t.Helper()
	a, credential, err := s.live(t).Keyring.CreateAccount(t.Context(), keyring.NewAccount{Name: "another", Platform: platform})
	if err != nil {
		t.Fatalf("making an account: %v", err)
	}
	return a.ID, credential.Reveal()
}

// NewOwner makes one more credential of an account: a full one, or one that is
// limited to the rights.
func (s *Server) NewOwner(t testing.TB, account string, rights ...string) (id, credential string) {
	t.Helper()
	o, minted, err := s.live(t).Keyring.CreateOwner(t.Context(), account, keyring.NewOwner{Rights: rights})
	if err != nil {
		t.Fatalf("making an owner credential: %v", err)
	}
	return o.ID, minted.Reveal()
}

// Owners are the ids of the account's credentials, full and limited, oldest first.
func (s *Server) Owners(t testing.TB, account string) []string {
	t.Helper()
	all, err := s.live(t).Keyring.Owners(t.Context(), account)
	if err != nil {
		t.Fatalf("listing owner credentials: %v", err)
	}
	var ids []string
	for _, o := range all {
		ids = append(ids, o.ID)
	}
	return ids
}

// RevokeOwner ends a credential of an account.
func (s *Server) RevokeOwner(t testing.TB, id string) {
	t.Helper()
	if _, err := s.live(t).Keyring.RevokeOwner(t.Context(), id, false); err != nil {
		t.Errorf("revoking an owner credential: %v", err)
	}
}
