package keyring_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// A caller may choose a key's secret, so that nobody else ever has it.
func TestChosenSecret_WorksAndNeverComesBack(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	format := w.platforms["postern"].Secret
	first, second := format.Mint(""), format.Mint("")
	in := newKey("ci", "read")
	in.Secret = first
	k, err := w.CreateAPIKey(ctx, a.asOwner(), in, "0123456789abcdef")
	if err != nil {
		t.Fatal(err)
	}
	again, err := w.CreateAPIKey(ctx, a.asOwner(), in, "0123456789abcdef")
	if err != nil || again.ID != k.ID || !again.Secret.IsZero() {
		t.Errorf("the same request again: %+v, %v", again, err)
	}
	other := in
	other.Secret = second
	_, err = w.CreateAPIKey(ctx, a.asOwner(), other, "0123456789abcdef")
	refusedAs(t, "another secret under the same Idempotency-Key", err, api.CodeIdempotencyKeyReused, api.HeaderIdempotencyKey)
	if !k.Secret.IsZero() || k.SecretHint != format.Hint(first) {
		t.Errorf("the answer shows %t, the hint is %s", !k.Secret.IsZero(), k.SecretHint)
	}
	a.verdict("created", first, api.VerifyValid, "read")
	r := a.rotate(k.ID, keyring.Rotation{Secret: second, Overlap: time.Hour})
	if !r.Secret.IsZero() || r.SecretVersion != 2 {
		t.Errorf("the rotation answers %+v", r.APIKeyView)
	}
	a.verdict("new", second, api.VerifyValid, "read")
	a.verdict("old, in its overlap", first, api.VerifyValid, "read")
	w.clock.advance(time.Hour)
	a.verdict("old, after its overlap", first, api.VerifyInvalid)
	w.close()
	w.store = nil
	for _, name := range []string{w.path, w.path + "-wal"} {
		text, err := os.ReadFile(filepath.Clean(name))
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		for _, s := range []secret.Secret{first, second} {
			if bytes.Contains(text, []byte(s.Reveal())) {
				t.Errorf("a chosen secret is in %s", filepath.Base(name))
			}
		}
	}
	w.openAgain()
}

// Rule 8: nothing revoked ever works again, also not for whoever chooses it once more.
func TestChosenSecret_OneThatWasAKeysIsRefused(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a, b := w.tenant("postern", ""), w.tenant("postern", "")
	choose := func(of *tenant, name string, s secret.Secret) error {
		in := newKey(name, "read")
		in.Secret = s
		_, err := w.CreateAPIKey(ctx, of.asOwner(), in, "")
		return err
	}
	live, rotated, deleted, inChild := a.key(newKey("live", "read")), a.key(newKey("rotated", "read")), a.key(newKey("deleted", "read")), a.sub("one").key(newKey("child", "read"))
	a.rotate(rotated.ID, keyring.Rotation{})
	previous := a.rotate(rotated.ID, keyring.Rotation{})
	a.delete(deleted.ID)
	if err := w.DeleteSubaccount(ctx, a.asOwner(), "one", true, nil); err != nil {
		t.Fatal(err)
	}
	for what, s := range map[string]secret.Secret{
		"another key's": live.Secret, "rotated out": rotated.Secret, "current, of a rotated key": previous.Secret, "a deleted key's": deleted.Secret, "a deleted sub-account's": inChild.Secret,
	} {
		for _, of := range []*tenant{a, b} {
			err := choose(of, "x", s)
			refusedAs(t, what, err, api.CodeValidationFailed, "secret")
			contains(t, err, "is or was the secret of a key already")
		}
	}
	for what, s := range map[string]secret.Secret{"its own current": live.Secret, "rotated out": rotated.Secret} {
		_, err := w.RotateAPIKey(ctx, a.asOwner(), live.ID, keyring.Rotation{Secret: s}, nil, "")
		refusedAs(t, "rotating to "+what, err, api.CodeValidationFailed, "secret")
	}
	// The secret from before the last one is removed by the very rotation that brings it back.
	first := live.Secret
	second := a.rotate(live.ID, keyring.Rotation{Overlap: time.Hour})
	_, err := w.RotateAPIKey(ctx, a.asOwner(), live.ID, keyring.Rotation{Secret: first, Overlap: time.Hour}, nil, "")
	refusedAs(t, "rotating back", err, api.CodeValidationFailed, "secret")
	a.verdict("nothing was done", second.Secret, api.VerifyValid, "read")
	a.verdict("nothing was done to the old one", first, api.VerifyValid, "read")
	a.verdict("deleted", deleted.Secret, api.VerifyInvalid)
	if n := len(b.keys()); n != 0 {
		t.Errorf("the other account has %d keys", n)
	}
}

func TestChosenSecret_BadOnesAreRefusedAndNotRepeated(t *testing.T) {
	t.Parallel()
	w := newWorld(t, builtin(t, "sendgrid")...)
	good := w.platforms["postern"].Secret.Mint("").Reveal()
	flipped := good[:len(good)-1] + map[bool]string{true: "b", false: "a"}[strings.HasSuffix(good, "a")]
	bme := "bme_" + strings.Repeat("ab", 21) + "a"
	for what, tc := range map[string]struct {
		platform, secret string
		code             api.Code
		want             string
	}{
		"a password":            {"postern", "correct horse 1", api.CodeValidationFailed, `must be "ptn_key_" and 43 characters of base62, and the CRC32`},
		"a wrong checksum":      {"postern", flipped, api.CodeValidationFailed, "must be"},
		"another platform's":    {"benchmark", good, api.CodeValidationFailed, `must be "bme_" and 43 characters of base62`},
		"one that is no secret": {"benchmark", bme, api.CodeValidationFailed, "not random enough"},
		"where the id is in it": {"sendgrid", w.platforms["sendgrid"].Secret.Mint(w.platforms["sendgrid"].NewKeyID()).Reveal(), api.CodeUnsupported, "holds its id; leave it out"},
	} {
		a := w.tenant(tc.platform, "")
		in := newKey("ci", map[string]string{"postern": "read", "benchmark": "contacts:read", "sendgrid": "mail.send"}[tc.platform])
		in.Secret = secret.From(tc.secret)
		_, err := w.CreateAPIKey(t.Context(), a.asOwner(), in, "")
		refusedAs(t, what, err, tc.code, "secret")
		contains(t, err, tc.want)
		if err != nil && strings.Contains(err.Error(), tc.secret) {
			t.Errorf("%s: the error repeats it", what)
		}
	}
}
