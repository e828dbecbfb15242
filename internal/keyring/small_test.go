package keyring_test

import (
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/platform"
)

// smallFile is a platform with low limits of every kind.
const smallFile = `
	platform "small" {
		title        = "Small"
		default_plan = "mini"
		secret {
			prefix   = "sml_"
			alphabet = "base62"
			length   = 43
		}
		keys {
			unique_names = true
			edit_scopes  = true
			expiry       = true
			disable      = true
			rotate       = true
			max_overlap  = "1h"
			limit        = 3
		}
		subaccounts {
			handle       = "[a-z]{3,20}"
			handle_words = "3 to 20 lower case letters"
			generate     = false
			limit        = 2
			key_limit    = 3
		}
		plan "mini" { monthly_requests = 12 }
		plan "maxi" {}
		requests { per_hour = 5 }
		attempts {
			failures = 3
			within   = "1m"
			block    = "10m"
		}
		scope "send" {
			group       = "mail"
			description = "Send."
		}
		scope "read" {
			group       = "mail"
			description = "Read."
		}
		scope "check" {
			group       = "management"
			description = "Verify."
			rights      = ["verify", "apikeys:read"]
		}
		answers {
			invalid          = "\"no\""
			inactive         = "\"off\""
			expired          = "\"late\""
			account_standing = "\"closed\""
			missing_scope    = "\"lacks {scope}\""
			rate_limited     = "\"in {seconds}\""
			quota_exceeded   = "\"next month\""
			blocked          = "\"blocked for {seconds}\""
		}
	}`

func small(t *testing.T) *platform.Platform { t.Helper(); return file(t, smallFile) }

// file reads a platform file of a test.
func file(t *testing.T, source string) *platform.Platform {
	t.Helper()
	p, err := platform.Parse([]byte(source), "test.hcl")
	if err != nil {
		t.Fatal(err)
	}
	return p
}
