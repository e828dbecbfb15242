package keyring_test

import (
	"encoding/base64"
	"fmt"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// walk reads a list in pages of that size.
func walk[T any](t *testing.T, size int, fetch func(cursor string) ([]T, string, error)) []T {
	t.Helper()
	var all []T
	for cursor, more := "", true; more; more = cursor != "" {
		page, next, err := fetch(cursor)
		if err != nil || len(page) > size {
			t.Fatalf("a page of %d: %v", len(page), err)
		}
		all, cursor = append(all, page...), next
	}
	return all
}

// TestList_WhatIsMadeInOneSecondComesInTheOrderOfMaking makes more in one second than
// chance could put in order, and then turns the clock back.
func TestList_WhatIsMadeInOneSecondComesInTheOrderOfMaking(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t, builtin(t, "sendgrid")...)
	a := w.tenant("sendgrid", "")
	who := a.asOwner()
	var keys, handles, owners []string
	for i := range 12 {
		keys = append(keys, a.key(newKey(fmt.Sprintf("key %d", i*5%12), "mail.send")).ID)
		handles = append(handles, a.sub(fmt.Sprintf("sub%02d", i*5%12)).Handle)
		o, _, err := w.CreateOwner(ctx, a.ID, keyring.NewOwner{Name: fmt.Sprintf("owner %d", i)})
		if err != nil {
			t.Fatal(err)
		}
		owners = append(owners, o.ID)
		if i >= 8 {
			w.clock.advance(-time.Hour)
		}
	}
	for _, size := range []int{1, 5, 12, 100} {
		var gotKeys, gotHandles []string
		for _, k := range walk(t, size, func(cursor string) ([]keyring.APIKeyView, string, error) {
			return w.APIKeys(ctx, who, keyring.APIKeyFilter{Cursor: cursor, Limit: size})
		}) {
			gotKeys = append(gotKeys, k.ID)
		}
		for _, s := range walk(t, size, func(cursor string) ([]keyring.SubaccountView, string, error) {
			return w.Subaccounts(ctx, who, keyring.SubaccountFilter{Cursor: cursor, Limit: size})
		}) {
			gotHandles = append(gotHandles, s.Handle)
		}
		same(t, "the keys", gotKeys, keys)
		same(t, "the sub-accounts", gotHandles, handles)
	}
	all, err := w.Owners(ctx, a.ID)
	if err != nil {
		t.Fatal(err)
	}
	var gotOwners []string
	for _, o := range all[1:] { // the first came with the account
		gotOwners = append(gotOwners, o.ID)
	}
	same(t, "the owners", gotOwners, owners)
}

// TestList_ACursorOfAnotherFormIsRefused sends cursors of the form that was before, which
// named a time and an id, and others that this server never gave.
func TestList_ACursorOfAnotherFormIsRefused(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t, builtin(t, "sendgrid")...)
	a := w.tenant("sendgrid", "")
	who := a.asOwner()
	a.key(newKey("ci", "mail.send"))
	before := base64.RawURLEncoding.EncodeToString([]byte(`{"CreatedAt":"2026-03-04T05:06:07Z","ID":"key_00000000000000000000"}`))
	for _, cursor := range []string{before, "0", "-1", "01", "+1", " 1", "1.5", "x", "9223372036854775808"} {
		_, _, err := w.APIKeys(ctx, who, keyring.APIKeyFilter{Cursor: cursor, Limit: 1})
		refusedAs(t, "keys after "+cursor, err, api.CodeValidationFailed, "cursor")
		contains(t, err, "is not one that this server gave; start again without it")
		_, _, err = w.Subaccounts(ctx, who, keyring.SubaccountFilter{Cursor: cursor, Limit: 1})
		refusedAs(t, "sub-accounts after "+cursor, err, api.CodeValidationFailed, "cursor")
		_, _, err = w.AuditEvents(ctx, who, keyring.AuditFilter{Cursor: cursor, Limit: 1})
		refusedAs(t, "records after "+cursor, err, api.CodeValidationFailed, "cursor")
	}
	// A place behind the end is the end.
	page, next, err := w.APIKeys(ctx, who, keyring.APIKeyFilter{Cursor: "9223372036854775807", Limit: 1})
	if err != nil || len(page) != 0 || next != "" {
		t.Errorf("behind the end are %d keys, %q, %v", len(page), next, err)
	}
}
