package keyring_test

import (
	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// tenant is an account with its owner's credential.
type tenant struct {
	keyring.Account
	w     *world
	owner secret.Secret
}

func (w *world) tenant(platform, plan string) *tenant {
	w.t.Helper()
	a, owner, err := w.CreateAccount(w.t.Context(), keyring.NewAccount{Name: "Acme", Platform: platform, Plan: plan})
	if err != nil {
		w.t.Fatal(err)
	}
	return &tenant{Account: a, w: w, owner: owner}
}

// origin is where all requests of the tests come from.
var origin = keyring.Origin{RequestID: "req_1", Address: "192.0.2.1"}

// as is the holder of a credential that works.
func (w *world) as(credential secret.Secret) keyring.Caller {
	w.t.Helper()
	who, err := w.Authenticate(w.t.Context(), credential, origin)
	if err != nil {
		w.t.Fatalf("authenticating: %v", err)
	}
	return who
}

func (a *tenant) asOwner() keyring.Caller { return a.w.as(a.owner) }

func newKey(name string, scopes ...string) keyring.NewAPIKey {
	return keyring.NewAPIKey{Name: name, Scopes: scopes, Enabled: true}
}

// key makes a key as the owner does.
func (a *tenant) key(in keyring.NewAPIKey) keyring.IssuedAPIKey {
	a.w.t.Helper()
	issued, err := a.w.CreateAPIKey(a.w.t.Context(), a.asOwner(), in, "")
	if err != nil {
		a.w.t.Fatalf("creating %s: %v", in.Name, err)
	}
	return issued
}

// delegate is the caller with a new key of these scopes.
func (a *tenant) delegate(name string, scopes ...string) keyring.Caller {
	a.w.t.Helper()
	return a.w.as(a.key(newKey(name, scopes...)).Secret)
}

func (a *tenant) rotate(id string, in keyring.Rotation) keyring.IssuedAPIKey {
	a.w.t.Helper()
	issued, err := a.w.RotateAPIKey(a.w.t.Context(), a.asOwner(), id, in, nil, "")
	if err != nil {
		a.w.t.Fatalf("rotating: %v", err)
	}
	return issued
}

func (a *tenant) change(id string, in keyring.APIKeyChange) keyring.APIKeyView {
	a.w.t.Helper()
	v, err := a.w.UpdateAPIKey(a.w.t.Context(), a.asOwner(), id, in, nil)
	if err != nil {
		a.w.t.Fatalf("changing: %v", err)
	}
	return v
}

func (a *tenant) delete(id string) {
	a.w.t.Helper()
	if err := a.w.DeleteAPIKey(a.w.t.Context(), a.asOwner(), id, nil); err != nil {
		a.w.t.Fatalf("deleting: %v", err)
	}
}

func (a *tenant) standing(standing string) {
	a.w.t.Helper()
	if err := a.w.SetStanding(a.w.t.Context(), a.ID, standing); err != nil {
		a.w.t.Fatalf("setting the standing: %v", err)
	}
}

// verify asks as the owner.
func (a *tenant) verify(s secret.Secret, scopes ...string) keyring.Verification {
	a.w.t.Helper()
	v, err := a.w.Verify(a.w.t.Context(), a.asOwner(), keyring.Presented{Secret: s}, scopes)
	if err != nil {
		a.w.t.Fatalf("verifying: %v", err)
	}
	return v
}

// verdict checks the code of a verification.
func (a *tenant) verdict(what string, s secret.Secret, want string, scopes ...string) keyring.Verification {
	a.w.t.Helper()
	v := a.verify(s, scopes...)
	if v.Code != want || v.Valid() != (want == api.VerifyValid) {
		a.w.t.Errorf("%s: the verdict is %q, valid %t, want %q", what, v.Code, v.Valid(), want)
	}
	return v
}

// keys are all keys of the account, by name.
func (a *tenant) keys() map[string]keyring.APIKeyView {
	a.w.t.Helper()
	all := map[string]keyring.APIKeyView{}
	in := keyring.APIKeyFilter{Limit: 50}
	for {
		page, next, err := a.w.APIKeys(a.w.t.Context(), a.asOwner(), in)
		if err != nil {
			a.w.t.Fatalf("listing: %v", err)
		}
		for _, k := range page {
			all[k.Name] = k
		}
		if in.Cursor = next; next == "" {
			return all
		}
	}
}

// events are the account's audit trail.
func (a *tenant) events() []keyring.AuditEvent {
	a.w.t.Helper()
	var all []keyring.AuditEvent
	err := a.w.store.View(a.w.t.Context(), func(r keyring.Reader) (err error) {
		all, _, err = r.AuditEvents(a.w.t.Context(), keyring.AuditQuery{Account: a.ID, Limit: 100_000})
		return err
	})
	if err != nil {
		a.w.t.Fatal(err)
	}
	return all
}

// chain proves the account's audit trail.
func (a *tenant) chain() {
	a.w.t.Helper()
	if p, err := a.w.VerifyAudit(a.w.t.Context(), a.ID, nil); err != nil || p.Records != int64(len(a.events())) {
		a.w.t.Errorf("the audit trail has %d records and %d of them hold: %v", len(a.events()), p.Records, err)
	}
}
