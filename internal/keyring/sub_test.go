package keyring_test

import (
	"slices"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/platform"
)

// builtin reads built-in platforms beside those that every world has.
func builtin(t *testing.T, names ...string) []*platform.Platform {
	t.Helper()
	var all []*platform.Platform
	for _, name := range names {
		p, err := platform.Builtin(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

// sub is a sub-account of a tenant.
type sub struct {
	keyring.Subaccount
	a *tenant
}

func (a *tenant) sub(handle string) *sub {
	a.w.t.Helper()
	v, err := a.w.CreateSubaccount(a.w.t.Context(), a.asOwner(), keyring.NewSubaccount{Handle: handle, Name: "Child"})
	if err != nil {
		a.w.t.Fatalf("making the sub-account %s: %v", handle, err)
	}
	return &sub{v.Subaccount, a}
}

// asParent is the owner of the account at work in the sub-account.
func (s *sub) asParent() keyring.Caller { return s.a.asOwner().In(s.Handle) }

// key makes a key in the sub-account as the owner of the account does.
func (s *sub) key(in keyring.NewAPIKey) keyring.IssuedAPIKey {
	s.a.w.t.Helper()
	issued, err := s.a.w.CreateAPIKey(s.a.w.t.Context(), s.asParent(), in, "")
	if err != nil {
		s.a.w.t.Fatalf("creating %s in %s: %v", in.Name, s.Handle, err)
	}
	return issued
}

// delegate is the caller with a new key of the sub-account.
func (s *sub) delegate(name string, scopes ...string) keyring.Caller {
	s.a.w.t.Helper()
	return s.a.w.as(s.key(newKey(name, scopes...)).Secret)
}

func (s *sub) change(in keyring.SubaccountChange) keyring.SubaccountView {
	s.a.w.t.Helper()
	v, err := s.a.w.UpdateSubaccount(s.a.w.t.Context(), s.a.asOwner(), s.Handle, in, nil)
	if err != nil {
		s.a.w.t.Fatalf("changing %s: %v", s.Handle, err)
	}
	return v
}

func (s *sub) delete(withKeys bool) {
	s.a.w.t.Helper()
	if err := s.a.w.DeleteSubaccount(s.a.w.t.Context(), s.a.asOwner(), s.Handle, withKeys, nil); err != nil {
		s.a.w.t.Fatalf("deleting %s: %v", s.Handle, err)
	}
}

// names are those of the keys that the caller lists where it works, sorted.
func (w *world) names(who keyring.Caller) []string {
	w.t.Helper()
	found, _, err := w.APIKeys(w.t.Context(), who, keyring.APIKeyFilter{Limit: 100})
	if err != nil {
		w.t.Errorf("listing: %v", err)
	}
	names := []string{}
	for _, k := range found {
		names = append(names, k.Name)
	}
	slices.Sort(names)
	return names
}

// handles are those that the caller lists.
func (w *world) handles(who keyring.Caller, in keyring.SubaccountFilter) []string {
	w.t.Helper()
	if in.Limit == 0 {
		in.Limit = 100
	}
	found, _, err := w.Subaccounts(w.t.Context(), who, in)
	if err != nil {
		w.t.Errorf("listing: %v", err)
	}
	handles := []string{}
	for _, s := range found {
		handles = append(handles, s.Handle)
	}
	return handles
}
