package provider

import (
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

// Nothing that is left out ever means everything: it means what the platform fixes, or
// an error.
func TestChoice(t *testing.T) {
	t.Parallel()
	none, unknown := types.SetNull(types.StringType), types.SetUnknown(types.StringType)
	half := types.SetValueMust(types.StringType, []attr.Value{types.StringValue("api"), types.StringUnknown()})
	api, other := stringSet([]string{"api"}), stringSet([]string{"inbound"})
	for name, tt := range map[string]struct {
		fixed      *[]string
		configured types.Set
		want       types.Set
		fault      string
	}{
		"chosen, set":           {nil, other, other, ""},
		"chosen, unknown":       {nil, unknown, unknown, ""},
		"chosen, left out":      {nil, none, unknown, "Missing scopes"},
		"fixed, left out":       {&[]string{"api"}, none, api, ""},
		"fixed, the same":       {&[]string{"api"}, api, api, ""},
		"fixed, another":        {&[]string{"api"}, other, other, "Scopes are fixed"},
		"fixed, unknown":        {&[]string{"api"}, unknown, unknown, ""},
		"fixed, known in part":  {&[]string{"api"}, half, half, ""},
		"fixed to several":      {&[]string{"b", "a"}, stringSet([]string{"a", "b"}), stringSet([]string{"a", "b"}), ""},
		"without any, left out": {&[]string{}, none, none, ""},
		"without any, set":      {&[]string{}, other, other, "have no scopes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var diags diag.Diagnostics
			p := apiKeyPlan{create: true, diags: &diags, account: &backend.Account{Rules: backend.KeyRules{FixedScopes: tt.fixed}}}
			// Terraform proposes what is configured, and for a new key unknown.
			if p.plan.Scopes = tt.configured; tt.configured.IsNull() {
				p.plan.Scopes = unknown
			}
			p.choice(tt.configured)
			if !p.plan.Scopes.Equal(tt.want) {
				t.Errorf("planned %v, want %v", p.plan.Scopes, tt.want)
			}
			switch {
			case tt.fault == "" && diags.HasError():
				t.Error(diags)
			case tt.fault != "" && (!diags.HasError() || !strings.Contains(diags[0].Summary(), tt.fault)):
				t.Errorf("%v, want %q", diags, tt.fault)
			}
		})
	}
}

// A key that has expired is replaced where its platform rotates none.
func TestChanged_AnExpiredKeyThatKeepsItsSecretIsReplaced(t *testing.T) {
	t.Parallel()
	was := timetypes.NewRFC3339TimeValue(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	later := timetypes.NewRFC3339TimeValue(time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC))
	for name, tt := range map[string]struct {
		rotate   bool
		expires  timetypes.RFC3339
		replaced bool
		rotated  bool
	}{
		"renewed":            {true, later, false, true},
		"replaced":           {false, later, true, false},
		"replaced for never": {false, timetypes.NewRFC3339Null(), true, false},
		"left as it is":      {false, was, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var diags diag.Diagnostics
			p := apiKeyPlan{diags: &diags, account: &backend.Account{Platform: "x", Rules: backend.KeyRules{Expiry: true, Rotate: tt.rotate}}}
			p.state.apiKeyModel = apiKeyModel{ID: types.StringValue("key_1"), Status: types.StringValue(backend.StatusExpired), ExpiresAt: was, SecretVersion: types.Int64Value(1)}
			p.plan = p.state
			p.plan.ExpiresAt = tt.expires
			p.changed(t.Context())
			if replaced := len(p.replace) == 1; replaced != tt.replaced || p.mints != tt.rotated || diags.HasError() {
				t.Errorf("replaced %v, rotated %v, %v", replaced, p.mints, diags)
			}
			if warned := diags.WarningsCount() == 1; warned == tt.rotated {
				t.Errorf("warned %v: %v", warned, diags)
			}
		})
	}
}

// A text that is left out and one that is set to "" must each come back as it was.
func TestTextLike(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		prior types.String
		text  string
		want  types.String
	}{
		"left out":        {types.StringNull(), "", types.StringNull()},
		"empty":           {types.StringValue(""), "", types.StringValue("")},
		"set":             {types.StringValue("a"), "a", types.StringValue("a")},
		"changed":         {types.StringValue("a"), "b", types.StringValue("b")},
		"removed by hand": {types.StringValue("a"), "", types.StringNull()},
		"given by hand":   {types.StringNull(), "b", types.StringValue("b")},
		"filled by hand":  {types.StringValue(""), "b", types.StringValue("b")},
		"unknown":         {types.StringUnknown(), "", types.StringNull()},
	} {
		if got := textLike(tt.prior, tt.text); !got.Equal(tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}
