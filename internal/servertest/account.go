package servertest

import (
	"encoding/json"
	"errors"
	"net/http"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// AccountID is the id of the server's account.
func (s *Server) AccountID() string { return s.account }

// SetStanding changes the account's standing, one of api.StandingOpen and so on.
func (s *Server) SetStanding(t testing.TB, standing string) {
	t.Helper()
	if err := s.live(t).Keyring.SetStanding(t.Context(), s.account, standing); err != nil {
		t.Fatalf("setting the standing: %v", err)
	}
}

// NewKey makes a key with these scopes through the API, under a name of its own,
// and returns its id and secret.
func (s *Server) NewKey(t testing.TB, scopes ...string) (id, key string) {
	t.Helper()
	body, err := json.Marshal(api.CreateAPIKey{Name: "test " + secret.Random("base62", 12), Scopes: scopes})
	if err != nil {
		t.Fatal(err)
	}
	a := s.Do(t, http.MethodPost, "/v1/apikeys", string(body))
	var issued api.IssuedAPIKey
	if err := json.Unmarshal([]byte(a.Body), &issued); err != nil || a.Status != http.StatusCreated {
		t.Fatalf("creating a key: %d: %s", a.Status, a.Body)
	}
	return issued.ID, issued.Secret.Reveal()
}

// FlushUsage writes how keys were used, as the server does every few seconds.
func (s *Server) FlushUsage(t testing.TB) {
	t.Helper()
	if _, err := s.live(t).Keyring.FlushUsage(t.Context()); err != nil {
		t.Fatalf("writing how keys were used: %v", err)
	}
}

// FlushDenials records what was denied and only counted so far, as the server does at the
// end of each window.
func (s *Server) FlushDenials(t testing.TB) {
	t.Helper()
	if err := s.live(t).Keyring.FlushDenials(t.Context(), true); err != nil {
		t.Fatalf("recording denials: %v", err)
	}
}

// VerifyAudit fails the test when the account's audit trail is not as it was
// written, and returns how many records it has.
func (s *Server) VerifyAudit(t testing.TB) int64 {
	t.Helper()
	p, err := s.live(t).Keyring.VerifyAudit(t.Context(), s.account, nil)
	if err != nil {
		t.Errorf("verifying the audit trail: %v", err)
	}
	return p.Records
}

// FillDisk makes every following write fail as it does on a full disk, by the
// database's own error, until FreeDisk.
func (s *Server) FillDisk(t testing.TB) {
	t.Helper()
	data := s.live(t)
	if err := data.Store.LimitPages(t.Context(), 1); err != nil {
		t.Fatalf("limiting the database: %v", err)
	}
	accounts, err := data.Keyring.Accounts(t.Context())
	if err != nil {
		t.Fatalf("filling the disk: %v", err)
	}
	// Small writes still fit into the pages that there are. Each write leaves
	// an audit record, so the disk is full to all when these fit no more.
	for range 10_000 {
		err := data.Keyring.SetStanding(t.Context(), s.account, accounts[0].Standing)
		if errors.Is(err, keyring.ErrFull) {
			return
		}
		if err != nil {
			t.Fatalf("filling the disk: %v", err)
		}
	}
	t.Fatal("the disk does not fill")
}

// FreeDisk ends what FillDisk began.
func (s *Server) FreeDisk(t testing.TB) {
	t.Helper()
	if err := s.live(t).Store.LimitPages(t.Context(), 0); err != nil {
		t.Fatalf("lifting the limit: %v", err)
	}
}
