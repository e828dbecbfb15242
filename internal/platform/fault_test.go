package platform_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/platform"
)

// fault is one change that makes a good file bad. at is how the line begins that
// the error must name, in the file with the change.
type fault struct{ name, old, new, at, want string }

func checkFaults(t *testing.T, file string, faults []fault) {
	t.Helper()
	if _, err := platform.Parse([]byte(file), "acme.hcl"); err != nil {
		t.Fatal(err)
	}
	for _, tc := range faults {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(file, tc.old, tc.new, 1)
			if text == file {
				t.Fatal("nothing changed")
			}
			line := 0
			for i, l := range strings.Split(text, "\n") {
				if strings.HasPrefix(strings.TrimSpace(l), tc.at) {
					line = i + 1 // the last one of several
				}
			}
			_, err := platform.Parse([]byte(text), "acme.hcl")
			if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("acme.hcl:%d,", line)) || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want line %d and %q", err, line, tc.want)
			}
		})
	}
}

func TestFaultsOfTheLeastFileNameFileAndLine(t *testing.T) {
	t.Parallel()
	const scopeText = `description = "Read."`
	checkFaults(t, good, []fault{
		{"syntax", `title = "Acme"`, `title = `, "title", "Invalid expression"},
		{"unknown field", `title = "Acme"`, `titel = "Acme"`, "titel", "Unsupported argument"},
		{"empty prefix", `"acme_"`, `""`, "secret", "Invalid secret format; The prefix must not be empty"},
		{"bad alphabet", `"base62"`, `"base6"`, "secret", `Invalid secret format; The alphabet "base6"`},
		{"no rotate", "    rotate       = true\n", "", "keys", `The argument "rotate" is required`},
		{"bad overlap", `"1h"`, `"1 hour"`, "keys", "Invalid max_overlap"},
		{"negative overlap", `"1h"`, `"-1h"`, "keys", "Invalid max_overlap"},
		{"overlap without rotate", `rotate       = true`, `rotate = false`, "keys", `Invalid max_overlap; Without rotate there is no overlap; write "0s"`},
		{"unique without names", `rotate       = true`, "rotate = true\n name_required = false", "keys", "Invalid unique_names"},
		{"fixed and edited", `rotate       = true`, "rotate = true\n fixed_scopes = []", "keys", "Invalid fixed_scopes"},
		{"no limit at all", `rotate       = true`, "rotate = true\n limit = 0", "keys", "Invalid limit; It must be at least 1, not 0"},
		{"half a key", `rotate       = true`, "rotate = true\n limit = 1.5", "limit", "whole number"},
		{"bad ids", `title = "Acme"`, "title = \"Acme\"\n ids = \"in_secret\"", "platform", "Invalid ids"},
		{"short id", `length   = 43`, "length = 43\n id_length = 19", "secret", "id_length must be 20 to 64"},
		{"unknown scope", scopeText, scopeText + "\n implies = [\"raed\"]", "scope", "Invalid scope"},
		{"cycle", scopeText, scopeText + "\n implies = [\"read\"]", "scope", "read -> read"},
		{"bad scope name", `scope "read"`, `scope "Read"`, "scope", "Invalid scope"},
		{"unknown right", scopeText, scopeText + "\n rights = [\"apikeys:write\"]", "scope", `Unknown right; Scope "read" gives the right "apikeys:write"`},
		{"bad level", scopeText, scopeText + "\n level = \"write\"", "scope", `Invalid level; It must be "read" or "full", not "write"`},
		{"level none", scopeText, scopeText + "\n level = \"none\"", "scope", "Invalid level"},
		{"bad name", `platform "acme"`, `platform "Acme Mail"`, "platform", "Invalid platform name"},
		{"answer no JSON", `expired          = "{}"`, `expired          = "gone"`, "answers", `Invalid answer; The answer "expired"`},
		{"answer JSON until filled in", `expired          = "{}"`, `expired          = "{\"a\":{scope}}"`, "answers", `Invalid answer; The answer "expired"`},
		{"no missing_scope", "    missing_scope    = \"{}\"\n", "", "answers", `Missing answer; Add the answer "missing_scope"`},
		{"no invalid", "    invalid          = \"{}\"\n", "", "answers", `The argument "invalid" is required`},
		{"scope twice", `  answers {`, "  scope \"read\" {\n group = \"a\"\n description = \"b\"\n}\n answers {", "scope", `Invalid scope; The scope "read" is defined twice`},
		{"unknown block", `  answers {`, "  colour {}\n answers {", "colour", "Unsupported block type"},
		{"no such plan", `title = "Acme"`, "title = \"Acme\"\n default_plan = \"x\"", "platform", "Invalid default_plan"},
		{"secret and password", `  answers {`, "password {\nusername_prefix = \"a\"\nusername_suffix = \"b\"\nmin_length = 8\nlock_after = 0\n}\nanswers {", "password", "Secret and password"},
		{"secret twice", `  answers {`, "secret {\nprefix = \"a\"\nalphabet = \"base62\"\nlength = 43\n}\nanswers {", "secret", "Duplicate secret block"},
	})
}

func TestFaultsOfSubaccountsAndLimitsNameFileAndLine(t *testing.T) {
	t.Parallel()
	const handle = `"[a-z0-9]{3,20}"`
	checkFaults(t, full, []fault{
		{"ids and id_length", `title        = "Acme"`, "title = \"Acme\"\n ids = \"opaque\"", "secret", "Invalid id_length; The ids of keys are a part of their secrets"},
		{"no words", `"letters and digits"`, `""`, "subaccounts", "Invalid handle_words"},
		{"no pattern", handle, `"["`, "subaccounts", "Invalid handle; The pattern is no regular expression"},
		{"a way out of the brackets", handle, `"a)|(b"`, "subaccounts", "Invalid handle; The pattern is no regular expression"},
		{"an open quotation", handle, `"\\Qa"`, "subaccounts", "Invalid handle; The pattern is no regular expression"},
		{"nothing", handle, `"[a-z0-9]{0,20}"`, "subaccounts", `Invalid handle; The pattern matches ""`},
		{"one dot", handle, `"[a-z.]{1,20}"`, "subaccounts", `Invalid handle; The pattern matches "."`},
		{"two dots", handle, `"[a-z.]{2,20}"`, "subaccounts", `Invalid handle; The pattern matches ".."`},
		{"anything", handle, `".{3,20}"`, "subaccounts", "lets through '/'"},
		{"a slash", handle, `"[a-z]{3}/[a-z]"`, "subaccounts", "lets through '/'"},
		{"a question mark", handle, `"abc[x?]"`, "subaccounts", "lets through '?'"},
		{"a hash", handle, `"(abc|a#c)"`, "subaccounts", "lets through '#'"},
		{"a per cent sign", handle, `"abc[%]?"`, "subaccounts", "lets through '%'"},
		{"a space", handle, `"abc\\s"`, "subaccounts", "lets through '\\t'"},
		{"a control character", handle, `"abc\\x00?"`, "subaccounts", "lets through '\\x00'"},
		{"all but", handle, `"[^/]{3}"`, "subaccounts", "lets through '\\x00'"},
		{"past ASCII", handle, `"abc[a-zà-é]"`, "subaccounts", "lets through 'à'"},
		{"the Kelvin sign", handle, `"(?i)kelvin"`, "subaccounts", "lets through '\u212a'"},
		{"no bound", handle, `"[a-z]+"`, "subaccounts", "more than 128 characters"},
		{"no upper bound", handle, `"[a-z]{3,}"`, "subaccounts", "more than 128 characters"},
		{"a product past the bound", handle, `"([a-z]{3}-){33}"`, "subaccounts", "more than 128 characters"},
		{"one past the bound", handle, `"[a-z]{128}1?"`, "subaccounts", "more than 128 characters"},
		{"generated ones do not match", handle, `"[a-z]{3,20}"`, "subaccounts", "Invalid generate"},
		{"generated ones are too long", handle, `"[a-z0-9]{3,19}"`, "subaccounts", "Invalid generate"},
		{"no sub-account", `limit        = 5`, `limit = 0`, "subaccounts", "Invalid limit"},
		{"no key", `key_limit    = 4`, `key_limit = -1`, "subaccounts", "Invalid key_limit"},
		{"unknown fixed scope of sub-accounts", `fixed_scopes = []`, `fixed_scopes = ["mail.raed"]`, "subaccounts", `Invalid fixed_scopes; The scope "mail.raed" does not exist; the nearest is "mail.read"`},
		{"unknown fixed scope", `["mail.send", "mail.read"]`, `["mail.raed"]`, "keys", "Invalid fixed_scopes"},
		{"fixed scopes of two classes", `["mail.send", "mail.read"]`, `["mail.send", "ops.act"]`, "keys", `Invalid fixed_scopes; They are of the classes "general" and "ops"`},
		{"no requests a month", `monthly_requests = 3`, `monthly_requests = 0`, "plan", "Invalid monthly_requests"},
		{"no keys in a plan", `apikeys          = 2`, `apikeys = 0`, "plan", "Invalid apikeys"},
		{"plan twice", `  requests {`, "plan \"free\" {}\nrequests {", `plan "free" {}`, "Duplicate plan"},
		{"no requests an hour", `per_hour = 9`, `per_hour = 0`, "requests", "Invalid per_hour"},
		{"no failures", `failures = 6`, `failures = 0`, "attempts", "Invalid failures"},
		{"half a second", `"5m"`, `"500ms"`, "attempts", "Invalid within"},
		{"no duration", `"5m"`, `"five"`, "attempts", "Invalid within"},
		{"blocked for no time", `"15m"`, `"0s"`, "attempts", "Invalid block"},
		{"no answer for the hour", "    rate_limited         = \"{\\\"wait\\\":{seconds}}\"\n", "", "answers", `Add the answer "rate_limited": requests limits`},
		{"no answer for the month", "    quota_exceeded       = \"[4]\"\n", "", "answers", `Add the answer "quota_exceeded": monthly_requests limits`},
		{"no answer for the blocked", "    blocked              = \"[5]\"\n", "", "answers", `Add the answer "blocked": attempts blocks`},
	})
}

func TestFaultsOfGroupsAndPresetsNameFileAndLine(t *testing.T) {
	t.Parallel()
	checkFaults(t, full, []fault{
		{"bad group name", `group "ops"`, `group "Ops"`, `group "Ops"`, "Invalid group name"},
		{"bad group name of a scope", "group       = \"extra\"\n    level", "group = \"extra-x\"\n level", `scope "extra.read"`, "Invalid group name"},
		{"group twice", `group "ops"`, `group "mail"`, `group "mail"`, "Duplicate group"},
		{"group without scopes", `    full  = ["ops.act"]`, "", `group "ops"`, "Invalid group; It has no scopes"},
		{"group without title", `    title = "Operations"`, "", `group "ops"`, `The argument "title" is required`},
		{"scope of two groups", `["ops.act"]`, `["ops.act", "mail.read"]`, "full", `Invalid scope; The scope "mail.read" is defined twice`},
		{"scope of two levels", `["mail.read"]`, `["mail.read", "mail.send"]`, "full   =", `Invalid scope; The scope "mail.send" is defined twice`},
		{"bad scope name in a group", `["mail.read"]`, `["Mail.Read"]`, "read ", "Invalid scope"},
		{"rights of another's scope", `"mail.send" = ["verify"]`, `"ops.act" = ["verify"]`, "rights", `Invalid rights; Scope "ops.act" is not in this group`},
		{"unknown right in a group", `["verify"]`, `["verfy"]`, "rights", `Unknown right; Scope "mail.send"`},
		{"scope without a level among others", `group       = "plain"`, `group = "mail"`, `scope "plain"`, "Missing level"},
		{"two classes in a group", "group       = \"extra\"", `group = "ops"`, `group "ops"`, "Invalid group; They are of the classes"},
		{"read that gives full", `description = "Read more."`, "description = \"Read more.\"\n implies = [\"mail.send\"]", `scope "extra.read"`, `Its level read gives "mail.send" by implication`},
		{"read that gives what has no level", `description = "Read more."`, "description = \"Read more.\"\n implies = [\"plain\"]", `scope "extra.read"`, `Its level read gives "plain" by implication`},
		{"automatic and asked for", `"b_auto", "a_auto"`, `"b_auto", "plain"`, "automatic_scopes", `Invalid automatic scope; Scope "plain" is one that people ask for`},
		{"bad automatic name", `"b_auto", "a_auto"`, `"b_auto", "A auto"`, "automatic_scopes", "Invalid automatic scope; The name"},
		{"added and not named", `added = ["b_auto"]`, `added = ["c_auto"]`, "automatic_scopes", `Invalid added; Scope "c_auto" is not one of names`},
		{"bad preset name", `preset "act"`, `preset "Act now"`, `preset "Act`, "Invalid preset name"},
		{"preset twice", `preset "act"`, `preset "send"`, `preset "send"`, "Duplicate preset"},
		{"empty preset", `{ ops = "full" }`, `{ ops = "none" }`, `preset "act"`, "Invalid preset; It gives no scope"},
		{"unknown scope in a preset", `    scopes      = ["mail.send"]`, `scopes = ["mail.sned"]`, `preset "send"`, `Invalid preset; The scope "mail.sned" does not exist; the nearest is "mail.send"`},
		{"unknown group in a preset", `{ ops = "full" }`, `{ opps = "full" }`, `preset "act"`, `Invalid preset; The attribute access.opps is no group of scopes; the nearest is "ops"`},
		{"bad level in a preset", `{ ops = "full" }`, `{ ops = "write" }`, `preset "act"`, "access.ops must be none, read or full"},
		{"no such level in a preset", `{ ops = "full" }`, `{ ops = "read" }`, `preset "act"`, "access.ops has no level read"},
		{"two classes in a preset", `{ ops = "full" }`, `{ ops = "full", mail = "read" }`, `preset "act"`, "Invalid preset; They are of the classes"},
	})
}

func TestFaultsOfPasswordsNameFileAndLine(t *testing.T) {
	t.Parallel()
	checkFaults(t, users, []fault{
		{"no prefix", `"user-"`, `""`, "password", "Invalid username_prefix"},
		{"a colon", `"@acme"`, `"@ac:me"`, "password", "Invalid username_suffix"},
		{"a space", `"@acme"`, `"@ac me"`, "password", "Invalid username_suffix"},
		{"past ASCII", `"user-"`, `"usér-"`, "password", "Invalid username_prefix"},
		{"too long", `"user-"`, `"` + strings.Repeat("u", 65) + `"`, "password", "Invalid username_prefix"},
		{"short passwords", `min_length      = 8`, `min_length = 7`, "password", "Invalid min_length; It must be 8 to 128 characters, not 7"},
		{"long passwords", `min_length      = 8`, `min_length = 129`, "password", "Invalid min_length"},
		{"lock after less than none", `lock_after      = 5`, `lock_after = -1`, "password", "Invalid lock_after"},
		{"an empty word", `"PassWord"`, `" "`, "password", "Invalid forbidden"},
		{"no answer for the locked", `    locked           = "{}"`, "", "answers", `Add the answer "locked": lock_after locks`},
		{"open scopes can be missing", `ids   = "number"`, `open_scopes = true`, "answers", `Add the answer "missing_scope"`},
		{"scopes of a group can be missing", "  answers {", "group \"g\" {\ntitle = \"G\"\nread = [\"g\"]\n}\nanswers {", "answers", `Add the answer "missing_scope"`},
		{"neither secret nor password", users[strings.Index(users, "  password"):strings.Index(users, "  keys")], "", "platform", "Missing secret block"},
	})
}
