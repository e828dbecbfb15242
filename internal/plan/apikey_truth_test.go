package plan_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/plan"
)

// living is the plan of a key that exists, on a platform of these rules, with nothing changed.
func living(rules backend.KeyRules) plan.APIKeyInput {
	rules.EditScopes, rules.Disable = true, true
	account := &backend.Account{ID: "acc_1", Platform: "x", Owner: true, Rules: rules}
	in := plan.APIKeyInput{Account: account, Catalogue: testCatalogue(), Policy: plan.NoPolicy(), Now: &noon}
	in.State = plan.APIKeyValues{
		ID: known("key_1"), AccountID: known("acc_1"), Name: known("ci"), Scopes: plan.SetOf("write"), EffectiveScopes: plan.SetOf("read", "write"), AutomaticScopes: plan.SetOf(),
		Enabled: known(true), Status: known(backend.StatusActive), SecretVersion: known[int64](1), SecretCreatedAt: instant(made), CreatedAt: instant(made),
		Secret: known(secretOf("s")), Platform: known("x"), Class: known("general"), ManagesKeys: known(false), SecretSource: known(plan.SourceService), EffectiveOverlap: known("24h"),
	}
	in.Config.Scopes = plan.SetOf("write")
	in.Proposed = in.State
	return in
}

// change proposes a change, as Terraform does.
func change(in plan.APIKeyInput, set func(*plan.APIKeyInput)) plan.APIKeyInput {
	set(&in)
	in.Proposed.Status = plan.Unknown[string]()
	return in
}

func rescope(names ...string) func(*plan.APIKeyInput) {
	return func(in *plan.APIKeyInput) {
		in.Config.Scopes, in.Proposed.Scopes = plan.SetOf(names...), plan.SetOf(names...)
	}
}

// due makes a rotation due, with that overlap.
func due(in plan.APIKeyInput, overlap plan.Value[time.Duration]) plan.APIKeyInput {
	r := rotationOf(24*time.Hour, overlap)
	in.State.Rotation, in.Proposed.Rotation, in.Memory.DueSince = r, r, &noon
	return in
}

var (
	native  = backend.KeyRules{Rotate: true, MaxOverlap: 720 * time.Hour, ChooseSecret: true, Needs: backend.Needs{Create: "admin"}}
	byNew   = backend.KeyRules{Replace: true, MaxOverlap: 720 * time.Hour}
	nothing = known(time.Duration(0))
	usual   = plan.Null[time.Duration]()
)

// with previous, the key was rotated by a new one and the old one lives.
func withPrevious(in plan.APIKeyInput) plan.APIKeyInput {
	in.State.PreviousID, in.State.PreviousSecretExpiresAt = known("key_0"), instant(noon.Add(time.Hour))
	in.Proposed.PreviousID, in.Proposed.PreviousSecretExpiresAt = in.State.PreviousID, in.State.PreviousSecretExpiresAt
	return in
}

func own(in plan.APIKeyInput, id string) plan.APIKeyInput {
	account := *in.Account
	account.CallerID, account.APIKey, account.GrantsUnknown = id, true, true
	in.Account = &account
	return in
}

func TestAPIKey_Findings(t *testing.T) {
	t.Parallel()
	deny := plan.Policy{Widening: plan.Deny, SecretsInState: plan.Deny}
	denied := func(in plan.APIKeyInput) plan.APIKeyInput {
		in.Policy = deny
		in.State.Secret, in.Proposed.Secret = plan.Secret{}, plan.Secret{}
		return in
	}
	for name, tt := range map[string]struct {
		in    plan.APIKeyInput
		want  plan.Code // empty for no finding at all
		grade plan.Grade
		words []string
	}{
		"nothing changes":              {in: living(native)},
		"rotated, overlap left out":    {in: due(living(native), usual)},
		"rotated without overlap":      {due(living(native), nothing), plan.CodeEndsSecret, plan.Warning, []string{`"ci" (key_1)`, "at once"}},
		"a platform without overlap":   {due(living(backend.KeyRules{Rotate: true}), usual), plan.CodeEndsSecret, plan.Warning, []string{"Platform x has no overlap"}},
		"narrowed, one key":            {in: change(living(byNew), rescope("read"))},
		"narrowed beside the old one":  {change(withPrevious(living(byNew)), rescope("read")), plan.CodePreviousKeeps, plan.Warning, []string{"key_0", "2026-06-01T13:00:00Z", `"write"`}},
		"narrowed in part, both live":  {change(withPrevious(scoped(living(byNew), "mail", "write")), rescope("mail")), plan.CodeNarrowsPrevious, plan.Warning, []string{"key_0", `"write"`, "both"}},
		"narrowed as it rotates":       {change(due(scoped(living(byNew), "mail", "write"), usual), rescope("mail")), plan.CodeNarrowsPrevious, plan.Warning, []string{"key_1", "for 24h from the apply"}},
		"narrowed, overlap of nothing": {change(due(scoped(living(byNew), "mail", "write"), nothing), rescope("mail")), plan.CodeEndsSecret, plan.Warning, nil},

		"own key, same":            {in: own(living(native), "key_1")},
		"own key, no overlap":      {own(due(living(native), nothing), "key_1"), plan.CodeEndsOwnKey, plan.Error, []string{"overlap", "another credential"}},
		"own key, overlap":         {in: own(due(living(native), usual), "key_1")},
		"another key, no overlap":  {own(due(living(native), nothing), "key_9"), plan.CodeEndsSecret, plan.Warning, nil},
		"own key, turned off":      {change(own(living(native), "key_1"), func(in *plan.APIKeyInput) { in.Proposed.Enabled = known(false) }), plan.CodeEndsOwnKey, plan.Error, []string{"turns off"}},
		"own key, loses its right": {change(own(scoped(living(native), "admin"), "key_1"), rescope("write")), plan.CodeNarrowsOwnKey, plan.Warning, []string{`"admin"`}},
		"own key is the old one":   {own(dueToEnd(withPrevious(living(byNew))), "key_0"), plan.CodeEndsOwnKey, plan.Error, []string{"key_0", "still runs with"}},

		"gains, forbidden": {change(denied(living(native)), rescope("admin")), plan.CodeForbiddenGain, plan.Error, []string{`"admin"`}},
		"scopes unknown, forbidden": {change(denied(living(native)), func(in *plan.APIKeyInput) {
			in.Config.Scopes, in.Proposed.Scopes = plan.UnknownSet(), plan.UnknownSet()
		}), plan.CodeUnjudgedGain, plan.Error, []string{"known after the apply"}},
		"scopes unknown in part": {change(denied(living(native)), func(in *plan.APIKeyInput) {
			in.Config.Scopes, in.Proposed.Scopes = plan.PartOf(1, "write"), plan.PartOf(1, "write")
		}), plan.CodeUnjudgedGain, plan.Error, nil},
		"scopes unknown, allowed": {in: change(living(native), func(in *plan.APIKeyInput) {
			in.Config.Scopes, in.Proposed.Scopes = plan.UnknownSet(), plan.UnknownSet()
		})},
		"a pattern that fits none": {patterns(living(native), "*.delete", "adnin"), plan.CodeIdlePattern, plan.Warning, []string{"policy.forbid_scopes"}},
		"a pattern that fits":      {in: patterns(living(native), "adm*")},

		"secret_wo taken away, forbidden": {denied(chosen(living(native))), plan.CodeSecretInState, plan.Error, []string{"secret_wo"}},
		"secret_wo taken away":            {in: chosen(living(native))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := plan.APIKey(tt.in)
			at := slices.IndexFunc(got.Findings, func(f plan.Finding) bool { return f.Code == tt.want })
			if tt.want == "" && len(got.Findings) > 0 || tt.want != "" && (at < 0 || got.Findings[at].Grade != tt.grade) {
				t.Fatalf("%s: %+v", got.Action, got.Findings)
			}
			for _, word := range tt.words {
				if text := got.Findings[at].Summary + "\n" + got.Findings[at].Detail; !strings.Contains(text, word) {
					t.Errorf("%q lacks %q", text, word)
				}
			}
		})
	}
}

func scoped(in plan.APIKeyInput, names ...string) plan.APIKeyInput {
	in.State.Scopes, in.State.EffectiveScopes = plan.SetOf(names...), plan.SetOf(closure(names)...)
	in.Config.Scopes, in.Proposed.Scopes, in.Proposed.EffectiveScopes = in.State.Scopes, in.State.Scopes, in.State.EffectiveScopes
	return in
}

func dueToEnd(in plan.APIKeyInput) plan.APIKeyInput {
	in.Memory.PreviousDue = true
	return in
}

func patterns(in plan.APIKeyInput, patterns ...string) plan.APIKeyInput {
	in.Policy.Forbid = patterns
	return in
}

// chosen has a secret that was chosen, and no secret_wo any more.
func chosen(in plan.APIKeyInput) plan.APIKeyInput {
	in.State.SecretSource, in.State.Secret = known(plan.SourceChosen), plan.Secret{}
	in.Proposed = in.State
	return in
}

// Where the next secret comes from changes with the configuration, and no rotation is needed
// to see it; a state from before there was the attribute changes with the next apply only.
func TestAPIKey_SecretSource(t *testing.T) {
	t.Parallel()
	given := known(secretOf("a secret of one's own"))
	for name, tt := range map[string]struct {
		was    plan.Text
		given  plan.Secret
		want   plan.Text
		action plan.Action
	}{
		"stays made by the service": {known("service"), plan.Secret{}, known("service"), plan.None},
		"stays chosen":              {known("chosen"), given, known("chosen"), plan.None},
		"taken away":                {known("chosen"), plan.Secret{}, known("service"), plan.Update},
		"set":                       {known("service"), given, known("chosen"), plan.Update},
		"not known":                 {known("chosen"), plan.Unknown[plan.SecretText](), plan.Unknown[string](), plan.Update},
		"an old state":              {plan.Text{}, given, plan.Text{}, plan.None},
	} {
		in := living(native)
		in.State.SecretSource = tt.was
		in.Proposed, in.Config.SecretWO = in.State, tt.given
		if got := plan.APIKey(in); got.Planned.SecretSource != tt.want || got.Action != tt.action {
			t.Errorf("%s: %v, %s", name, got.Planned.SecretSource, got.Action)
		}
	}
}

// The policy in a state is that of the last apply, so that a new policy alone changes no key.
func TestAPIKey_AppliedPolicy(t *testing.T) {
	t.Parallel()
	in := living(native)
	in.Policy = plan.Policy{Widening: plan.Warn, SecretsInState: plan.Allow, Forbid: []string{"b*", "a*"}, MaxLifetime: 48 * time.Hour}
	in.Policy.MaxLifetime = 0
	if got := plan.APIKey(in); got.Action != plan.None || !got.Planned.AppliedPolicy.IsNull() {
		t.Errorf("a policy alone: %s, %v", got.Action, got.Planned.AppliedPolicy)
	}
	in = change(in, func(in *plan.APIKeyInput) { in.Proposed.Description = known("d") })
	want := known(`{"forbid_scopes":["a*","b*"],"secrets_in_state":"allow","widening":"warn"}`)
	if got := plan.APIKey(in); got.Planned.AppliedPolicy != want {
		t.Errorf("%v, want %v", got.Planned.AppliedPolicy, want)
	}
	in.Policy.Open = true
	if got := plan.APIKey(in); !got.Planned.AppliedPolicy.IsUnknown() {
		t.Errorf("a rule is not known: %v", got.Planned.AppliedPolicy)
	}
}

// Whether a key manages keys follows from what it really grants.
func TestManagesKeys(t *testing.T) {
	t.Parallel()
	managing := map[string]bool{"c": true, "d": true}
	for name, tt := range map[string]struct {
		rules   backend.KeyRules
		granted []string
		want    bool
	}{
		"the right to make":   {backend.KeyRules{}, []string{"c", "x"}, true},
		"the right to delete": {backend.KeyRules{}, []string{"d"}, true},
		"no such right":       {backend.KeyRules{}, []string{"x"}, false},
		"nothing":             {backend.KeyRules{}, nil, false},
		"only owners may":     {backend.KeyRules{OwnerOnly: true}, []string{"c"}, false},
	} {
		if got := plan.ManagesKeys(tt.rules, managing, tt.granted); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// What the provider runs with is not deleted by it.
func TestDestroyAPIKey_OwnKey(t *testing.T) {
	t.Parallel()
	state := plan.APIKeyValues{ID: known("key_2"), Name: known("ci"), PreviousID: known("key_1")}
	for caller, refused := range map[string]bool{"": false, "key_9": false, "key_1": true, "key_2": true} {
		if got := plan.DestroyAPIKey(backend.Account{CallerID: caller}, state); plan.HasError(got) != refused {
			t.Errorf("the provider runs with %q: %v", caller, got)
		}
	}
}
