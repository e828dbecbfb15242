package provider_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest/lies"
)

// oddNames are names that a vendor's keys can have and that nobody would give one in a
// configuration.
var oddNames = []string{
	"  spaces at the ends  ", "tab\there", "line\nbreak", "\U0001f511\U0001f469\u200d\U0001f527 key", strings.Repeat("x", 150),
	"quo\"te ${x} %{ y }", "caf\u00e9", "cafe\u0301 of two", "clear\x1b[2J",
}

// oddHandles are usernames of subusers that are reported to exist.
var oddHandles = []string{"o'neil+shop@example.com", "50% off", "Zo\u00eb", "x", "a/b", strings.Repeat("h", 100)}

// odd is a vendor's account with such keys and sub-accounts: they have plain names at the
// server, which would refuse these, and a proxy shows them. ids are the keys by the handle
// of their sub-account, and "" those of the account.
func odd(t *testing.T, platform string, handles []string) (w vendorWorld, url string, ids map[string][]string) {
	t.Helper()
	w = onVendor(t, platform)
	aliases, ids := map[string]string{}, map[string][]string{}
	if platform == "sendgrid" {
		for i, name := range oddNames {
			plain := fmt.Sprintf("plain-%d", i)
			aliases[plain] = name
			ids[""] = append(ids[""], w.makeKey(api.CreateAPIKey{Name: plain, Scopes: []string{"mail.send"}}).ID)
		}
	}
	for i, handle := range handles {
		plain := fmt.Sprintf("child%d", i)
		aliases[plain] = handle
		in := api.CreateSubaccount{Handle: plain, Name: "ops@example.com"} // where that server keeps the address
		key := api.CreateAPIKey{Name: "plain-1", Scopes: []string{"mail.send"}}
		if platform == "mailchannels" {
			in.Name, key = "company-name", api.CreateAPIKey{}
		}
		w.makeSubaccount(in)
		ids[handle] = []string{w.makeKeyOf(plain, key).ID}
	}
	if platform == "mailchannels" {
		aliases["company-name"] = "  Zo\u00eb's\tco \U0001f511 " + strings.Repeat("x", 120)
	}
	proxy := lies.Before(t, w.server.URL)
	proxy.Aliases(aliases)
	return w, proxy.URL, ids
}

// imports are import blocks for all that odd has made.
func imports(ids map[string][]string, handles []string) string {
	text := ""
	for i, id := range ids[""] {
		text += fmt.Sprintf("import {\n  to = postern_apikey.k%d\n  id = %q\n}\n", i, id)
	}
	for i, handle := range handles {
		text += fmt.Sprintf("import {\n  to = postern_subaccount.s%d\n  id = %s\n}\n", i, hclText(handle))
		text += fmt.Sprintf("import {\n  to = postern_subaccount_apikey.k%d\n  id = %s\n}\n", i, hclText(handle+"/"+ids[handle][0]))
	}
	return text
}

func hclText(s string) string {
	return strings.NewReplacer("${", "$${", "%{", "%%{", `\x1b`, `\u001b`).Replace(fmt.Sprintf("%q", s))
}

// What exists at a vendor is imported in one go, whatever its form, and a configuration that
// Terraform itself writes for it is valid and changes nothing.
func TestVendorForms_WhatExistsIsImportedInBulkAndChangesNothing(t *testing.T) {
	t.Parallel()
	for platform, handles := range map[string][]string{"sendgrid": oddHandles, "mailchannels": {"Acme-Co", "x", "under_score", "50% off", "a/b"}} {
		t.Run(platform, func(t *testing.T) {
			t.Parallel()
			w, url, ids := odd(t, platform, handles)
			c := w.programAt(url, w.server.Owner, imports(ids, handles))
			n := len(ids[""]) + 2*len(handles)
			w.server.Reset()
			told(t, c.ok("plan", "-no-color", "-generate-config-out=generated.tf"), fmt.Sprintf("%d to import, 0 to add, 0 to change, 0 to destroy", n))
			out := c.ok("apply", "-no-color", "-auto-approve")
			told(t, out, fmt.Sprintf("%d imported, 0 added, 0 changed, 0 destroyed", n))
			if strings.Contains(out, "\x1b") {
				t.Errorf("a name reaches the terminal raw: %q", out)
			}
			w.onlyReads(t)
			c.unchanged()
			for i, handle := range handles {
				if got := c.attribute(fmt.Sprintf("postern_subaccount_apikey.k%d", i), "subaccount"); got != handle {
					t.Errorf("the key of %q is one of %q", handle, got)
				}
			}
			if platform != "sendgrid" {
				return
			}
			if got := c.attribute("postern_apikey.k1", "name"); got != oddNames[1] {
				t.Errorf("the name %q became %q", oddNames[1], got)
			}
			// It can be changed in place under its name, and be read by it.
			c.overwrite("generated.tf", strings.ReplaceAll(c.read("generated.tf"), `["mail.send"]`, `["mail.send", "stats.read"]`))
			told(t, c.ok("apply", "-no-color", "-auto-approve"), fmt.Sprintf("0 added, %d changed, 0 destroyed", len(ids[""])+len(handles)))
			data := ""
			for i, name := range oddNames {
				data += fmt.Sprintf("data \"postern_apikey\" \"n%d\" {\n  name = %s\n}\n", i, hclText(name))
			}
			for i, handle := range handles {
				data += fmt.Sprintf("data \"postern_subaccount\" \"h%d\" {\n  handle = %s\n}\ndata \"postern_subaccount_apikeys\" \"h%d\" {\n  subaccount = %s\n}\n", i, hclText(handle), i, hclText(handle))
			}
			c.overwrite("data.tf", data+"data \"postern_apikeys\" \"all\" {}\ndata \"postern_subaccounts\" \"all\" {}\n")
			c.unchanged()
			c.ok("destroy", "-no-color", "-auto-approve", "-target=postern_apikey.k1", "-target=postern_subaccount_apikey.k0")
		})
	}
}

// The lists that terraform query asks for, which a CLI before 1.14 does not.
func TestVendorForms_ListsShowAllAndOneThatCannotBeAskedHidesNoOther(t *testing.T) {
	t.Parallel()
	handles := append(slices.Clone(oddHandles), " ends ")
	w, url, ids := odd(t, "sendgrid", handles)
	p := inProcessWith(t, object{"platform": text("sendgrid"), "endpoint": text(url), "api_key": text(w.server.Owner)})
	if got := len(p.mustList(query{resourceType: "postern_apikey", whole: true})); got != len(ids[""]) {
		t.Errorf("%d keys, want %d", got, len(ids[""]))
	}
	if got := len(p.mustList(query{resourceType: "postern_subaccount", whole: true})); got != len(handles) {
		t.Errorf("%d sub-accounts, want %d", got, len(handles))
	}
	found, diags := p.list(query{resourceType: "postern_subaccount_apikey", whole: true})
	if len(found) != len(oddHandles) || failed(diags) || len(diags) != 1 || !strings.Contains(diags[0].Detail, "spaces at its ends") {
		t.Errorf("%d keys of sub-accounts, want %d, and %d messages", len(found), len(oddHandles), len(diags))
	}
}

// The form is held to the service's rules where something is made or renamed.
func TestVendorForms_ANewNameIsHeldToTheRulesOfItsService(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.pipeline(written())
	c.ok("apply", "-no-color", "-auto-approve")
	for name, want := range map[string]string{
		`" a"`: "must not begin or end with a space", `"a\tb"`: "control or invisible characters, it has U+0009", `"` + strings.Repeat("x", 101) + `"`: "at most 100 characters",
	} {
		for _, body := range []string{written(), strings.Replace(written(), `"test" {`, `"other" {`, 1)} {
			fresh := w.pipeline(strings.Replace(body, `name = "test"`, "name = "+name, 1))
			fresh.overwrite("terraform.tfstate", c.read("terraform.tfstate"))
			fresh.fails(planIt, "Invalid name", want)
		}
	}
	// A vendor without such a rule decides by itself.
	v := onVendor(t, "sendgrid")
	v.program(v.server.Owner, "resource \"postern_apikey\" \"test\" {\n  name   = \" a\\tb\"\n  scopes = [\"mail.send\"]\n}\n").ok("plan", "-no-color")
}
