package keyring_test

import (
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/platform"
)

// parsed is a small platform whose rules differ from the built-in ones: it has a
// class of its own for billing, names that need not be unique, and keys
// without expiry, overlap or a switch.
func parsed(t *testing.T) *platform.Platform {
	t.Helper()
	p, err := platform.Parse([]byte(`
		platform "parsed" {
			title = "Parsed"
			secret {
				prefix   = "prs_"
				alphabet = "base62"
				length   = 43
			}
			keys {
				unique_names = false
				edit_scopes  = true
				expiry       = false
				disable      = false
				rotate = true
				max_overlap  = "0s"
			}
			scope "mail.send" {
				group       = "mail"
				description = "Send."
			}
			scope "keys" {
				group       = "keys"
				description = "Manage keys."
				rights      = ["apikeys:create", "apikeys:delete", "apikeys:read", "apikeys:update"]
			}
			scope "billing.read" {
				group       = "billing"
				class       = "billing"
				description = "Read bills."
			}
			scope "billing.update" {
				group       = "billing"
				class       = "billing"
				description = "Pay bills."
				implies     = ["billing.read"]
			}
			answers {
				invalid          = "\"no\""
				inactive         = "\"off\""
				expired          = "\"late\""
				account_standing = "\"closed\""
				missing_scope    = "\"lacks {scope}\""
			}
		}`), "parsed.hcl")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestRule3_AKeyNeverMixesClasses(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t, parsed(t))
	a := w.tenant("parsed", "")
	general, billing := a.key(newKey("general", "mail.send", "keys")), a.key(newKey("billing", "billing.update"))
	if general.Class != "general" || billing.Class != "billing" {
		t.Errorf("the classes are %q and %q", general.Class, billing.Class)
	}
	_, err := w.CreateAPIKey(ctx, a.asOwner(), newKey("mixed", "mail.send", "billing.read"), "")
	refusedAs(t, "create", err, api.CodeValidationFailed, "scopes")
	contains(t, err, `mix the classes "billing", "general"`)
	for id, scopes := range map[string][]string{general.ID: {"mail.send", "billing.read"}, billing.ID: {"billing.update", "keys"}} {
		_, err := w.UpdateAPIKey(ctx, a.asOwner(), id, keyring.APIKeyChange{Scopes: scopes}, nil)
		refusedAs(t, "update", err, api.CodeValidationFailed, "scopes")
	}
	all := a.keys()
	same(t, "the general key", all["general"], general.APIKeyView)
	same(t, "the billing key", all["billing"], billing.APIKeyView)
	if len(all) != 2 {
		t.Errorf("there are %d keys, want 2", len(all))
	}
}
