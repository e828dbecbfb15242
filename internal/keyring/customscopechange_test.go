package keyring_test

import (
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/platform"
	"github.com/postern-dev/terraform-provider-postern/internal/store/sqlite"
)

func open(t *testing.T) *platform.Platform { t.Helper(); return file(t, openFile) }

func TestRule2_NobodyDefinesAScopeOfMoreThanTheyHold(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	who := a.delegate("delegate", "scopes:write", "read", "apikeys:read")
	_, minted := a.newOwner("robot", "scopes:write", "apikeys:read")
	robot := w.as(minted)
	define := func(who keyring.Caller, name string, implies ...string) error {
		return second(w.CreateScope(ctx, who, keyring.NewScope{Name: name, Implies: implies}))
	}
	change := func(who keyring.Caller, name string, implies ...string) error {
		return second(w.UpdateScope(ctx, who, name, keyring.CustomScopeChange{Implies: &implies}, nil))
	}
	for what, err := range map[string]error{
		"what it holds": define(who, "looks", "read"), "nothing": define(who, "bare"), "nothing, by a service": define(robot, "robots"),
		"a change to what it holds": change(who, "bare", "apikeys:read", "read"),
	} {
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	a.define("strong", "write")
	a.key(newKey("ci", "strong"))
	for what, err := range map[string]error{
		"more": define(who, "more", "write"), "all": define(who, "all", "admin"), "by another's scope": define(who, "other", "strong"),
		"widen": change(who, "looks", "read", "write"), "by a service": define(robot, "robot", "read"), "by a service's change": change(robot, "looks"),
		"narrow what was more than it": change(who, "strong"), "narrow to its own": change(who, "strong", "read"),
	} {
		refusedAs(t, what, err, api.CodeGrantExceedsCaller, "implies")
	}
	e, err := a.one("denial", func() error { return define(who, "more", "write") })
	contains(t, err, `does not hold "write"`, "The scope would grant more")
	if e.Outcome != keyring.OutcomeDenied || e.Action != "scope.create" || e.Code != string(api.CodeGrantExceedsCaller) {
		t.Errorf("recorded as %s %s %s", e.Outcome, e.Action, e.Code)
	}
	contains(t, define(robot, "robot", "read"), "grants nothing")
	// Words about a scope are not its power.
	if _, err := w.UpdateScope(ctx, who, "strong", keyring.CustomScopeChange{Description: ptr("Strong.")}, nil); err != nil {
		t.Errorf("describe: %v", err)
	}
	for what, err := range map[string]error{
		"create": define(a.delegate("no", "admin"), "mine"), "delete": w.DeleteScope(ctx, a.delegate("none", "read"), "bare", nil),
	} {
		if what == "delete" {
			refusedAs(t, what, err, api.CodeForbidden)
		} else if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestCustomScope_AChangeIsInForceAtOnce(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	one := a.sub("one")
	a.define("deploy", "read")
	a.define("lead", "deploy")
	k, above, child := a.key(newKey("ci", "deploy")), a.key(newKey("lead", "lead")), one.key(newKey("child", "deploy"))
	a.key(newKey("not it", "read"))
	stale := w.as(k.Secret) // authenticated before
	second1, err := sqlite.Open(ctx, w.path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = second1.Close() })
	config := w.config()
	config.Store = second1
	node, err := keyring.New(ctx, config) // another process on the same database
	if err != nil {
		t.Fatal(err)
	}
	verdicts := func(want string, scopes ...string) {
		t.Helper()
		for what, issued := range map[string]keyring.IssuedAPIKey{"by name": k, "by implication": above, "in a sub-account": child} {
			a.verdict(what, issued.Secret, want, scopes...)
			who, v, err := node.VerifyFor(ctx, a.owner, origin, keyring.Presented{Secret: issued.Secret}, scopes)
			if err != nil || v.Code != want || !who.Owner() {
				t.Errorf("%s, on another node: %q, want %q: %v", what, v.Code, want, err)
			}
		}
	}
	verdicts(api.VerifyMissingScope, "write")
	e, err := a.one("update", func() error {
		got, err := w.UpdateScope(ctx, a.asOwner(), "deploy", keyring.CustomScopeChange{Implies: &[]string{"write", "apikeys:write"}}, nil)
		same(t, "its answer", got.Effective, []string{"apikeys:read", "apikeys:write", "deploy", "read", "write"})
		if got.APIKeys != 3 {
			t.Errorf("it touched %d keys, want 3", got.APIKeys)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	d := detail(t, e)
	same(t, "gained", d["gained_scopes"], any([]any{"apikeys:read", "apikeys:write", "write"}))
	same(t, "lost", d["lost_scopes"], any([]any{}))
	same(t, "from", d["implies"], any(map[string]any{"from": []any{"read"}, "to": []any{"apikeys:write", "write"}}))
	touched, ok := d["some_apikeys"].([]any)
	if !ok || d["apikeys"] != 3. || len(touched) != 3 || e.Action != "scope.update" || e.Target != "deploy" {
		t.Errorf("the record is %s of %s: %v", e.Action, e.Target, d)
	}
	verdicts(api.VerifyValid, "write", "read")
	got, err := w.APIKey(ctx, a.asOwner(), above.ID)
	same(t, "its effective scopes", got.Effective, []string{"apikeys:read", "apikeys:write", "deploy", "lead", "read", "write"})
	same(t, "its scopes as given", got.Scopes, []string{"lead"})
	if err != nil {
		t.Error(err)
	}
	same(t, "the rights of its holder", w.as(k.Secret).Rights, []string{platform.RightAPIKeysCreate, platform.RightAPIKeysDelete, platform.RightAPIKeysRead, platform.RightAPIKeysUpdate})
	// A write looks the caller up anew, with the scopes of now.
	if _, err := w.CreateAPIKey(ctx, stale, newKey("made by it", "write"), ""); err != nil {
		t.Errorf("with what it has gained: %v", err)
	}
	fresh := w.as(k.Secret)
	e, err = a.one("narrow", func() error {
		return second(node.UpdateScope(ctx, must(node.Authenticate(ctx, a.owner, origin)), "deploy", keyring.CustomScopeChange{Implies: &[]string{"apikeys:write"}}, nil))
	})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "lost", detail(t, e)["lost_scopes"], any([]any{"read", "write"}))
	verdicts(api.VerifyMissingScope, "read")
	_, err = w.CreateAPIKey(ctx, fresh, newKey("late", "write"), "")
	refusedAs(t, "with what it has lost", err, api.CodeGrantExceedsCaller, "scopes")
	if _, err := node.UpdateScope(ctx, must(node.Authenticate(ctx, a.owner, origin)), "deploy", keyring.CustomScopeChange{Implies: &[]string{}}, nil); err != nil {
		t.Fatal(err)
	}
	_, err = w.CreateAPIKey(ctx, fresh, newKey("late", "deploy"), "")
	refusedAs(t, "without the right that it has lost", err, api.CodeForbidden)
	a.chain()
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// TestCustomScope_AStaleCallerSeesNoScopeThatIsGone reads with a caller that
// authenticated before the scope was deleted.
func TestCustomScope_AStaleCallerSeesNoScopeThatIsGone(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	a.define("kept")
	a.define("gone")
	stale := a.asOwner()
	if err := w.DeleteScope(ctx, a.asOwner(), "gone", nil); err != nil {
		t.Fatal(err)
	}
	all, err := w.Scopes(ctx, stale)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		if s.Name == "gone" || s.Builtin == (s.Name == "kept") {
			t.Errorf("the list has %+v", s)
		}
	}
	_, err = w.Scope(ctx, stale, "gone")
	refusedAs(t, "read", err, api.CodeNotFound)
	_, err = w.CreateAPIKey(ctx, stale, newKey("x", "gone"), "")
	refusedAs(t, "a key of it", err, api.CodeValidationFailed, "scopes")
}

// TestCustomScope_ANewPlatformFileStopsNoAccount starts the server with a file that has
// lost a scope, taken a name and changed a class.
func TestCustomScope_ANewPlatformFileStopsNoAccount(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	more := `scope "lost" {
			group       = "mail"
			description = "To go."
		}
		scope "turned" {
			group       = "mail"
			description = "To be of another class."
		}`
	w := newWorld(t, file(t, strings.Replace(openFile, "//more", more, 1)))
	a := w.tenant("open", "")
	a.define("deploy", "lost", "turned", "mail:read")
	a.define("claimed", "mail:read")
	a.define("uses", "claimed")
	k, c := a.key(newKey("ci", "deploy")), a.key(newKey("claimed", "claimed"))
	old := a.key(newKey("old", "lost", "mail:read"))
	a.verdict("before", k.Secret, api.VerifyValid, "lost", "turned", "mail:read")

	w.platforms["open"] = file(t, strings.Replace(openFile, "//more", `scope "turned" {
			group       = "billing"
			class       = "billing"
			description = "Turned."
		}
		scope "claimed" {
			group       = "billing"
			class       = "billing"
			description = "Claimed."
		}`, 1))
	w.openAgain()
	same(t, "a custom scope narrows", a.verdict("after", k.Secret, api.VerifyValid, "mail:read").Effective, []string{"deploy", "mail:read"})
	a.verdict("of another class", k.Secret, api.VerifyMissingScope, "turned")
	same(t, "the built-in one wins", a.verdict("claimed", c.Secret, api.VerifyMissingScope, "mail:read").Effective, []string{"claimed"})
	a.verdict("beside a scope that is gone", old.Secret, api.VerifyValid, "mail:read")
	_, err := w.Verify(ctx, a.asOwner(), keyring.Presented{Secret: old.Secret}, []string{"lost"})
	refusedAs(t, "the scope that is gone", err, api.CodeValidationFailed, "scopes")
	s, err := w.Scope(ctx, a.asOwner(), "claimed")
	if err != nil || !s.Builtin || s.Class != "billing" || s.CreatedAt != nil {
		t.Errorf("the claimed one is %+v, %v", s, err)
	}
	if s, err := w.Scope(ctx, a.asOwner(), "uses"); err != nil || len(s.Implies) != 0 {
		t.Errorf("what implied it is %+v, %v", s, err)
	}
	// Words may change, though what it implies could not be so today.
	if _, err := w.UpdateScope(ctx, a.asOwner(), "deploy", keyring.CustomScopeChange{Description: ptr("x")}, nil); err != nil {
		t.Errorf("describe: %v", err)
	}
	_, err = w.UpdateScope(ctx, a.asOwner(), "deploy", keyring.CustomScopeChange{Implies: &[]string{"lost"}}, nil)
	refusedAs(t, "implies what is gone", err, api.CodeValidationFailed, "implies")
	same(t, "repaired", a.imply("deploy", "mail:read").Effective, []string{"deploy", "mail:read"})
}
