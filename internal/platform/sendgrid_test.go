package platform_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-dev/terraform-provider-postern/internal/platform"
	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

func TestSendGridHasEveryDocumentedScopeAndNoneImpliesAnother(t *testing.T) {
	t.Parallel()
	p := builtin(t, "sendgrid")
	text, err := os.ReadFile("testdata/sendgrid_apikey_scopes.txt")
	if err != nil {
		t.Fatal(err)
	}
	documented := strings.Fields(string(text))
	if len(documented) != 203 {
		t.Errorf("the list has %d names", len(documented))
	}
	if err := p.Scopes.Check(documented); err != nil {
		t.Error(err)
	}
	if got := len(p.Scopes.Names()); got != 274 {
		t.Errorf("%d scopes, want 274", got)
	}
	if diff := cmp.Diff(p.Scopes.Names(), scope.Normal(p.Scopes.Names())); diff != "" {
		t.Error(diff)
	}
	for _, name := range p.Scopes.Names() {
		if got := p.Scopes.Effective([]string{name}); len(got) != 1 {
			t.Errorf("%s grants %v", name, got)
		}
	}
}

func TestSendGridLevels(t *testing.T) {
	t.Parallel()
	p := builtin(t, "sendgrid")
	inGroups := 0
	for _, g := range p.Groups {
		inGroups += len(g.Full)
	}
	if len(p.Groups) != 31 || inGroups != 274 {
		t.Errorf("%d groups hold %d scopes", len(p.Groups), inGroups)
	}
	for _, name := range p.Scopes.Names() {
		// marketing.read writes, too, whatever its name says.
		want := platform.LevelFull
		if strings.HasSuffix(name, ".read") && name != "marketing.read" {
			want = platform.LevelRead
		}
		if got := p.Level(name); got != want {
			t.Errorf("%s is at level %q", name, got)
		}
	}
	s, _ := p.Scopes.Get("mail.batch.create")
	if s.Group != "mail" || s.Description != "Mail: create mail batch." {
		t.Errorf("got %+v", s)
	}
}

func TestSendGridBillingIsAClassOfItsOwn(t *testing.T) {
	t.Parallel()
	p := builtin(t, "sendgrid")
	for _, name := range p.Scopes.Names() {
		s, _ := p.Scopes.Get(name)
		if want := strings.HasPrefix(name, "billing."); (s.Class == "billing") != want {
			t.Errorf("%s is of class %s", name, s.Class)
		}
	}
}

func TestSendGridRightsOverKeysAndSubusers(t *testing.T) {
	t.Parallel()
	p := builtin(t, "sendgrid")
	got := map[string][]string{}
	for _, name := range p.Scopes.Names() {
		if rights := p.Rights([]string{name}); len(rights) > 0 {
			got[name] = rights
		}
	}
	want := map[string][]string{
		"api_keys.create": {"apikeys:create"}, "api_keys.read": {"apikeys:read"},
		"api_keys.update": {"apikeys:update"}, "api_keys.delete": {"apikeys:delete"},
		"subusers.create": {"subaccounts:create"}, "subusers.read": {"subaccounts:read"},
		"subusers.update": {"subaccounts:update"}, "subusers.delete": {"subaccounts:delete"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestSendGridPresetsAndAutomaticScopes(t *testing.T) {
	t.Parallel()
	p := builtin(t, "sendgrid")
	got := map[string][]string{}
	for _, preset := range p.Presets {
		got[preset.Name] = preset.Scopes
	}
	want := map[string][]string{
		"billing":    {"billing.create", "billing.delete", "billing.read", "billing.update"},
		"mail":       {"mail.batch.create", "mail.batch.delete", "mail.batch.read", "mail.batch.update", "mail.send"},
		"marketing":  {"marketing.automation.read", "marketing.read"},
		"stats":      {"stats.global.read", "stats.read"},
		"whitelabel": {"whitelabel.create", "whitelabel.delete", "whitelabel.read", "whitelabel.update"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"2fa_required", "sender_verification_eligible"}, p.Automatic.Added); diff != "" || len(p.Automatic.Names) != 9 {
		t.Error(p.Automatic.Names, diff)
	}
}

func TestSendGridSecretsHoldTheKeysID(t *testing.T) {
	t.Parallel()
	p := builtin(t, "sendgrid")
	shape := regexp.MustCompile(`^SG\.[0-9A-Za-z_-]{22}\.[0-9A-Za-z_-]{43}$`)
	for range 100 {
		id := p.NewKeyID()
		text := p.Secret.Mint(id).Reveal()
		if len(text) != 69 || !shape.MatchString(text) || strings.Split(text, ".")[1] != id {
			t.Fatalf("a secret of %d characters is not of the form, or holds another id than %s", len(text), id)
		}
	}
	keys := p.Keys
	if !keys.NameRequired || keys.UniqueNames || !keys.EditScopes || keys.Expiry || keys.Disable || keys.Rotate || keys.MaxOverlap != 0 || *keys.Limit != 100 {
		t.Errorf("got %+v", keys)
	}
	if p.Subaccounts.Generate || *p.Subaccounts.KeyLimit != 100 {
		t.Errorf("got %+v", p.Subaccounts)
	}
}
