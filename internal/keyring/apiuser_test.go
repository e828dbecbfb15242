package keyring_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// chosen is a password as a person chooses it, long enough to be looked for.
const chosen = "Correct-horse-battery-staple-17"

// apiUser asks for an API user with the password chosen.
func apiUser(name string) keyring.NewAPIKey {
	return keyring.NewAPIKey{Name: name, Enabled: true, Secret: secret.From(chosen)}
}

// signin asks as the owner whether username and password are good.
func (a *tenant) signin(username, password string) keyring.Verification {
	a.w.t.Helper()
	v, err := a.w.Verify(a.w.t.Context(), a.asOwner(), keyring.Presented{Username: username, Secret: secret.From(password)}, nil)
	if err != nil {
		a.w.t.Fatalf("signing in: %v", err)
	}
	return v
}

// signs checks the code of a sign-in.
func (a *tenant) signs(what, username, password, want string) keyring.Verification {
	a.w.t.Helper()
	v := a.signin(username, password)
	if v.Code != want {
		a.w.t.Errorf("%s: the verdict is %q, want %q", what, v.Code, want)
	}
	return v
}

func TestAPIUser_HasAUsernameOfItsOwnAndNoSecret(t *testing.T) {
	t.Parallel()
	w := newWorld(t, builtin(t, "dotdigital")...)
	a, b := w.tenant("dotdigital", ""), w.tenant("dotdigital", "")
	shape := regexp.MustCompile(`^apiuser-[0-9a-z]{12}@apiconnector\.com$`)
	seen := map[string]bool{}
	for _, a := range []*tenant{a, a, b} {
		k := a.key(apiUser("the same name"))
		if !shape.MatchString(k.Username) || seen[k.Username] || !k.Secret.IsZero() || k.SecretHint != "" {
			t.Errorf("the user is %q, hint %q, secret %t", k.Username, k.SecretHint, !k.Secret.IsZero())
		}
		seen[k.Username] = true
		if v := a.signs("right", k.Username, chosen, api.VerifyValid); v.APIKey.ID != k.ID {
			t.Errorf("it is %s, want %s", v.APIKey.ID, k.ID)
		}
		e := a.events()[len(a.events())-1]
		if d := detail(t, e); d["username"] != k.Username || e.Action != "apikey.create" {
			t.Errorf("the record of %s is %v", e.Action, d)
		}
	}
	k := a.key(apiUser(""))
	for what, tc := range map[string][2]string{
		"a wrong password": {k.Username, chosen + "x"}, "another case": {k.Username, strings.ToLower(chosen)}, "no password": {k.Username, ""},
		"a username for the password": {k.Username, k.Username}, "an unknown username": {"apiuser-000000000000@apiconnector.com", chosen},
		"the username of nobody": {"", chosen}, "the password for the username": {chosen, chosen}, "the username in capitals": {strings.ToUpper(k.Username), chosen},
		"a username that is too long": {strings.Repeat("x", 300), chosen}, "a password that is too long": {k.Username, strings.Repeat("x", 129)},
	} {
		if v := a.signs(what, tc[0], tc[1], api.VerifyInvalid); v.APIKey.ID != "" || v.Effective != nil {
			t.Errorf("%s: the answer tells %+v", what, v)
		}
	}
	b.signs("in another account", k.Username, chosen, api.VerifyInvalid)
	// Where keys are minted, a username is nothing, and here a minted key is nothing.
	p := w.tenant("postern", "")
	minted := p.key(newKey("ci", "read"))
	p.signs("a username beside a key", k.Username, minted.Secret.Reveal(), api.VerifyInvalid)
	p.signs("a key for a username", minted.Secret.Reveal(), "", api.VerifyInvalid)
	a.signs("a key without a username", "", a.owner.Reveal(), api.VerifyInvalid)
	a.signs("a key for a username", minted.Secret.Reveal(), chosen, api.VerifyInvalid)
	for _, s := range []string{k.Username, chosen} {
		_, err := w.Authenticate(t.Context(), secret.From(s), origin)
		refusedAs(t, "as a credential", err, api.CodeInvalidCredential)
	}
	v, err := w.Account(t.Context(), a.asOwner())
	if err != nil || v.Password == nil {
		t.Errorf("the account does not say that keys are API users: %v", err)
	}
}

func TestAPIUser_ThePasswordFollowsEachRule(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t, builtin(t, "dotdigital")...)
	a := w.tenant("dotdigital", "")
	k := a.key(apiUser("ci"))
	for password, words := range map[string]string{
		"": "is needed", "short-7": "at least 8", "ünïcode": "at least 8", strings.Repeat("x1", 65): "at most 128", "bad\xff12345": "UTF-8",
		"with\ttab1": "control", "onlyletters": "no letter", "nurBuchstabenäöü": "no letter", "My-PassWord-1": `word "password"`,
	} {
		wanted := apiUser("x")
		wanted.Secret = secret.From(password)
		_, err := w.CreateAPIKey(ctx, a.asOwner(), wanted, "")
		refusedAs(t, "create", err, api.CodeValidationFailed, "secret")
		contains(t, err, words)
		_, err2 := w.RotateAPIKey(ctx, a.asOwner(), k.ID, keyring.Rotation{Secret: secret.From(password)}, nil, "")
		refusedAs(t, "rotate", err2, api.CodeValidationFailed, "secret")
		if password != "" && strings.Contains(err.Error()+err2.Error(), password) {
			t.Errorf("the error repeats the password: %v", err)
		}
	}
	for i, password := range []string{"exactly8", strings.Repeat("x1", 64), "Größe-und-länger", "with space"} {
		wanted := apiUser(fmt.Sprint(i))
		wanted.Secret = secret.From(password)
		a.signs(password, a.key(wanted).Username, password, api.VerifyValid)
	}
	p := w.tenant("postern", "")
	minted := p.key(newKey("ci", "read"))
	wanted := newKey("x", "read")
	wanted.Secret = secret.From(chosen)
	_, err := w.CreateAPIKey(ctx, p.asOwner(), wanted, "")
	refusedAs(t, "a password for a key", err, api.CodeValidationFailed, "secret")
	_, err = w.RotateAPIKey(ctx, p.asOwner(), minted.ID, keyring.Rotation{Secret: secret.From(chosen)}, nil, "")
	refusedAs(t, "a password for a key", err, api.CodeValidationFailed, "secret")
}

func TestAPIUser_ANewPasswordEndsTheOldOneAtOnce(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t, builtin(t, "dotdigital")...)
	a := w.tenant("dotdigital", "")
	k := a.key(apiUser("ci"))
	a.signs("before", k.Username, chosen, api.VerifyValid) // and it is remembered
	a.signs("before", k.Username, chosen, api.VerifyValid)
	_, err := w.RotateAPIKey(ctx, a.asOwner(), k.ID, keyring.Rotation{Secret: secret.From(chosen + "-2"), Overlap: time.Hour}, nil, "")
	refusedAs(t, "with an overlap", err, api.CodeUnsupported, "overlap")
	rotated, err := w.RotateAPIKey(ctx, a.asOwner(), k.ID, keyring.Rotation{Secret: secret.From(chosen + "-2")}, nil, once)
	if err != nil || !rotated.Secret.IsZero() || rotated.Username != k.Username || rotated.SecretVersion != 2 {
		t.Fatalf("rotate: %+v, %v", rotated.APIKey, err)
	}
	a.signs("the old one", k.Username, chosen, api.VerifyInvalid)
	a.signs("the new one", k.Username, chosen+"-2", api.VerifyValid)
	again, err := w.RotateAPIKey(ctx, a.asOwner(), k.ID, keyring.Rotation{Secret: secret.From(chosen + "-2")}, nil, once)
	same(t, "repeated", again.APIKeyView, rotated.APIKeyView)
	if err != nil {
		t.Error(err)
	}
	_, err = w.RotateAPIKey(ctx, a.asOwner(), k.ID, keyring.Rotation{Secret: secret.From(chosen + "-3")}, nil, once)
	refusedAs(t, "with another password", err, api.CodeIdempotencyKeyReused, api.HeaderIdempotencyKey)
	a.signs("still", k.Username, chosen+"-2", api.VerifyValid)

	first, err := w.CreateAPIKey(ctx, a.asOwner(), apiUser("once"), twice)
	if err != nil {
		t.Fatal(err)
	}
	repeated, err := w.CreateAPIKey(ctx, a.asOwner(), apiUser("once"), twice)
	same(t, "a repeated create", repeated.APIKeyView, first.APIKeyView)
	if err != nil {
		t.Error(err)
	}
	other := apiUser("once")
	other.Secret = secret.From(chosen + "-2")
	_, err = w.CreateAPIKey(ctx, a.asOwner(), other, twice)
	refusedAs(t, "a create with another password", err, api.CodeIdempotencyKeyReused, api.HeaderIdempotencyKey)

	off := a.change(k.ID, keyring.APIKeyChange{Enabled: ptr(false)})
	a.signs("turned off", k.Username, chosen+"-2", api.VerifyInactive)
	a.signs("turned off, wrong", k.Username, chosen, api.VerifyInvalid)
	a.change(off.ID, keyring.APIKeyChange{Enabled: ptr(true)})
	w.openAgain()
	a.signs("after a restart", k.Username, chosen+"-2", api.VerifyValid)
	a.standing(api.StandingSuspended)
	a.signs("out of standing", k.Username, chosen+"-2", api.VerifyAccountStanding)
	a.standing(api.StandingOpen)
	a.delete(k.ID)
	a.signs("deleted", k.Username, chosen+"-2", api.VerifyInvalid)
	a.chain()
}

func TestAPIUser_AnOlderPepperKeepsItsPasswordsGood(t *testing.T) {
	t.Parallel()
	w := newWorld(t, builtin(t, "dotdigital")...)
	a := w.tenant("dotdigital", "")
	old := a.key(apiUser("old"))
	w.peppers = secret.Peppers{secret.NewPepper(2), w.peppers[0]}
	w.openAgain()
	fresh := a.key(apiUser("fresh"))
	a.signs("under the older", old.Username, chosen, api.VerifyValid)
	a.signs("under the newer", fresh.Username, chosen, api.VerifyValid)
	a.signs("wrong", old.Username, chosen+"x", api.VerifyInvalid)
	first := a.asOwner().ID
	_, a.owner = a.newOwner("under the newer")
	if _, err := w.RevokeOwner(t.Context(), first, false); err != nil {
		t.Fatal(err)
	}
	lost := w.config()
	lost.Peppers = secret.Peppers{w.peppers[0]}
	_, err := keyring.New(t.Context(), lost)
	contains(t, err, "pepper version 1") // for one password
	if _, err := w.RotateAPIKey(t.Context(), a.asOwner(), old.ID, keyring.Rotation{Secret: secret.From(chosen + "!")}, nil, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := keyring.New(t.Context(), lost); err != nil {
		t.Errorf("without the pepper that nothing needs any more: %v", err)
	}
	a.signs("under the newer now", old.Username, chosen+"!", api.VerifyValid)
}

func TestRule9_NoPasswordIsInAnyByteOfTheDatabaseNorInTheTrail(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t, builtin(t, "dotdigital")...)
	a := w.tenant("dotdigital", "")
	find := needles{}
	var shown []any
	passwords := map[string]secret.Secret{}
	for i := range 4 {
		p := secret.From(secret.Random("base62", 40) + "-1")
		wanted := apiUser(fmt.Sprint("user ", i))
		wanted.Secret = p
		key := ""
		if i%2 == 0 {
			key = once + fmt.Sprint(i)
		}
		issued, err := w.CreateAPIKey(ctx, a.asOwner(), wanted, key)
		if err != nil {
			t.Fatal(err)
		}
		find.add("the first", p)
		next := secret.From(secret.Random("base62", 40) + "-2")
		find.add("the second", next)
		rotation := keyring.Rotation{Secret: next}
		rotated, err := w.RotateAPIKey(ctx, a.asOwner(), issued.ID, rotation, nil, key)
		if err != nil && key != "" { // the same Idempotency-Key came with another request
			rotated, err = w.RotateAPIKey(ctx, a.asOwner(), issued.ID, rotation, nil, twice+fmt.Sprint(i))
		}
		if err != nil {
			t.Fatal(err)
		}
		presented := keyring.Presented{Username: issued.Username, Secret: next}
		v, err := w.Verify(ctx, a.asOwner(), presented, nil)
		if err != nil || !v.Valid() {
			t.Fatalf("%q, %v", v.Code, err)
		}
		weak := wanted
		weak.Secret = secret.From("password" + p.Reveal())
		refusal := second(w.CreateAPIKey(ctx, a.asOwner(), weak, ""))
		shown = append(shown, wanted, rotation, presented, issued, rotated, v, refusal, fmt.Sprint(refusal))
		passwords[issued.ID] = next
	}
	if text := printed(t, append(shown, a.events(), a.keys())...); len(find.in(text)) > 0 {
		t.Errorf("%v can be read", find.in(text)[0])
	}
	for _, e := range a.events() {
		if found := find.in(string(e.Detail)); len(found) > 0 {
			t.Errorf("the record of %s holds %s password", e.Action, found[0])
		}
	}
	for name, text := range w.files() {
		if found := find.in(text); len(found) > 0 {
			t.Errorf("%s holds %d passwords, such as %s", name, len(found), found[0])
		}
		for _, p := range passwords {
			sum := secret.Fingerprint(p)
			if strings.Contains(text, string(sum[:])) {
				t.Errorf("%s holds the fingerprint of a password", name)
			}
			digest := w.peppers.Current().Digest(p)
			if strings.Contains(text, string(digest[:])) {
				t.Errorf("%s holds the digest of a password", name)
			}
		}
	}
	if hash := w.query("SELECT hash FROM passwords LIMIT 1"); !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("stored as %q", hash)
	}
	if n := w.query("SELECT count(*) FROM passwords"); n != "4" {
		t.Errorf("%s passwords are stored, want 4", n)
	}
	if n := w.query("SELECT count(*) FROM secrets"); n != "1" {
		t.Errorf("%s secrets are stored, want the owner's only", n)
	}
}

// Rule 8 for passwords: one that was replaced is never accepted again, however often
// the password or the pepper changed since.
func TestAPIUser_AnOldPasswordIsNeverAcceptedAgain(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t, builtin(t, "dotdigital")...)
	a := w.tenant("dotdigital", "")
	k, other := a.key(apiUser("one")), a.key(apiUser("two"))
	change := func(of keyring.IssuedAPIKey, password string) error {
		_, err := w.RotateAPIKey(ctx, a.asOwner(), of.ID, keyring.Rotation{Secret: secret.From(password)}, nil, "")
		return err
	}
	passwords := []string{chosen}
	for i := range 4 {
		if i == 2 {
			w.peppers = append(secret.Peppers{secret.NewPepper(2)}, w.peppers...)
			w.openAgain()
		}
		next := fmt.Sprintf("%s-%d", chosen, i)
		if err := change(k, next); err != nil {
			t.Fatal(err)
		}
		passwords = append(passwords, next)
		for _, old := range passwords {
			err := change(k, old)
			refusedAs(t, "again "+old, err, api.CodeValidationFailed, "secret")
			contains(t, err, "is or was the password of this key already")
			if strings.Contains(text(err), old) {
				t.Error("the error repeats a password")
			}
		}
		a.signs("nothing was done", k.Username, next, api.VerifyValid)
		a.signs("the first", k.Username, chosen, api.VerifyInvalid)
	}
	// Passwords of different users may be the same, and nobody learns of it.
	if err := change(other, passwords[2]); err != nil {
		t.Errorf("a password that another user had: %v", err)
	}
}
