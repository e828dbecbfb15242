package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client"
	"github.com/postern-dev/terraform-provider-postern/client/api"
)

var acmeFile = filepath.Join("..", "..", "examples", "platforms", "acme.hcl")

// acme writes the example's file with one thing changed.
func acme(t *testing.T, old, changed string) string {
	t.Helper()
	text, err := os.ReadFile(acmeFile)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), old) {
		t.Fatalf("the example has no %s", old)
	}
	path := filepath.Join(t.TempDir(), "acme.hcl")
	if err := os.WriteFile(path, []byte(strings.Replace(string(text), old, changed, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestPlatform_ListShowAndCheck(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"benchmark    Benchmark Email, 6 scopes\n":                                  {"platform", "list"},
		"platform \"benchmark\" {\n":                                                {"platform", "show", "benchmark"},
		"is a good platform file: acme (Acme Mail).\n":                              {"platform", "check", acmeFile},
		"mail:send                mail:read, mail:send\n":                           {"platform", "check", acmeFile},
		"gateway                  gateway; may ask the management API for verify\n": {"platform", "check", acmeFile},
	} {
		if code, stdout, stderr := once(t, args...); code != 0 || !strings.Contains(stdout, want) {
			t.Errorf("%v ends with %d and lacks %q: %s%s", args, code, want, stdout, stderr)
		}
	}
	fails(t, `platform "acme" is not known; use one of benchmark, dotdigital, mailchannels, postern, sendgrid`, "platform", "show", "acme")
}

// What check refuses, serve refuses as well, and leaves no folder behind.
func TestPlatform_EveryFaultIsToldWithItsLine(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ old, changed, want string }{
		"unknown implied scope": {`["mail:read"]`, `["mail:raed"]`, `acme.hcl:52,3-20: Invalid scope; The scope "mail:send" implies an unknown one: scope "mail:raed" does not exist; the nearest is "mail:read"`},
		"cycle":                 {`["mail:read"]`, `["mail:send"]`, "acme.hcl:52,3-20: Invalid scope; The scope \"mail:send\" implies itself: mail:send -> mail:send"},
		"clash":                 {`scope "mail:send"`, `scope "mail:read"`, `acme.hcl:52,3-20: Invalid scope; The scope "mail:read" is defined twice`},
		"empty prefix":          {`"acme_"`, `""`, "acme.hcl:11,3-9: Invalid secret format; The prefix must not be empty"},
		"bad alphabet":          {`"base62"`, `"base58"`, `acme.hcl:11,3-9: Invalid secret format; The alphabet "base58" is not known; use one of base62, base64url`},
		"a built-in name":       {`platform "acme"`, `platform "postern"`, `there is a platform "postern" already`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file, dir := acme(t, tc.old, tc.changed), filepath.Join(t.TempDir(), "data")
			for _, args := range [][]string{{"platform", "check", file}, {"serve", "--data-dir", dir, "--listen", "127.0.0.1:0", "--platform-file", file}} {
				if code, _, stderr := once(t, args...); code != 1 || !strings.Contains(stderr, tc.want) {
					t.Errorf("%s ends with %d and lacks %q: %s", args[0], code, tc.want, stderr)
				}
			}
			if _, err := os.Stat(dir); !os.IsNotExist(err) {
				t.Errorf("a refused start left the folder: %v", err)
			}
		})
	}
}

func newClientOf(t *testing.T, s *serving, credential string) *client.Client {
	t.Helper()
	c, err := client.New(s.url, credential)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestPlatform_AnAccountLivesByAFileOfOnesOwn(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	s := serve(t, "--data-dir", dir, "--platform-file", acmeFile, "--platform", "acme")
	c := newClientOf(t, s, s.owner(t))
	key, err := c.APIKeys.Create(t.Context(), api.CreateAPIKey{Name: "ci", Scopes: []string{"mail:send"}})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(key.Secret.Reveal(), "acme_") || strings.Join(key.EffectiveScopes, " ") != "mail:read mail:send" {
		t.Errorf("a key with the hint %s that grants %v", key.SecretHint, key.EffectiveScopes)
	}
	if _, err := c.APIKeys.Create(t.Context(), api.CreateAPIKey{Name: "mixed", Scopes: []string{"mail:read", "billing:read"}}); err == nil || !strings.Contains(err.Error(), "mix the classes") {
		t.Errorf("two classes in one key: %v", err)
	}
	gateway, err := c.APIKeys.Create(t.Context(), api.CreateAPIKey{Name: "gateway", Scopes: []string{"gateway"}})
	if err != nil {
		t.Fatal(err)
	}
	v, err := newClientOf(t, s, gateway.Secret.Reveal()).Verify.Verify(t.Context(), api.VerifyRequest{Secret: key.Secret, Scopes: []string{"billing:read"}})
	if err != nil || v.Code != api.VerifyMissingScope {
		t.Errorf("got %+v, %v", v, err)
	}
	s.stop()
	// What the operator does needs no rules, so it needs no file.
	var accounts accountList
	asJSON(t, &accounts, "account", "list", "--data-dir", dir)
	id := accounts.Accounts[0].ID
	says(t, "is suspended", "account", "set-standing", "--data-dir", dir, id, "suspended")
	var made createdOwnerKey
	asJSON(t, &made, "owner-key", "create", "--data-dir", dir, "--only", "verify")
	says(t, made.ID, "owner-key", "list", "--data-dir", dir)
	says(t, "is revoked", "owner-key", "revoke", "--data-dir", dir, made.ID)
	says(t, "apikey.create", "audit", "list", "--data-dir", dir)
	says(t, "the trail holds", "audit", "verify", "--data-dir", dir)
	fails(t, "or name the file of one of your own with --platform-file", "account", "create", "--data-dir", dir, "--name", "b", "--platform", "acme")
	fails(t, `is on platform "acme", which this server does not know; start it with that platform's --platform-file`, "serve", "--data-dir", dir, "--listen", "127.0.0.1:0")
}
