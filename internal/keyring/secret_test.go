package keyring_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// printed is a value in each of the ways that a program may print it.
func printed(t *testing.T, values ...any) string {
	t.Helper()
	var out bytes.Buffer
	for _, v := range values {
		fmt.Fprintf(&out, "%v %+v %#v %s\n", v, v, v, v)
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(text)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("json", "value", v)
		slog.New(slog.NewTextHandler(&out, nil)).Info("text", "value", v)
	}
	return out.String()
}

func TestRule1_ASecretIsShownOnceAndNothingReadsItBack(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	issued := a.key(newKey("ci", "read"))
	if !w.platforms["postern"].Secret.Matches(issued.Secret.Reveal()) {
		t.Fatal("the answer to a create lacks a secret of the platform's format")
	}
	rotated := a.rotate(issued.ID, keyring.Rotation{})
	if rotated.Secret.Equal(issued.Secret) {
		t.Error("a rotation gave the same secret again")
	}
	view, err := w.APIKey(ctx, a.asOwner(), issued.ID)
	if err != nil {
		t.Fatal(err)
	}
	account, err := w.Account(ctx, a.asOwner())
	if err != nil {
		t.Fatal(err)
	}
	accounts, err := w.Accounts(ctx)
	if err != nil {
		t.Fatal(err)
	}
	read := printed(t, view, a.keys(), account, accounts, a.events(), a.verify(rotated.Secret), issued, rotated, a.asOwner())
	for what, s := range map[string]secret.Secret{"first": issued.Secret, "second": rotated.Secret, "owner's": a.owner} {
		if strings.Contains(read, s.Reveal()) {
			t.Errorf("the %s secret can be read back", what)
		}
	}
	if !strings.Contains(read, view.SecretHint) {
		t.Error("the hint cannot be read, so this test looks in the wrong place")
	}
	if hint := view.SecretHint; !strings.HasPrefix(rotated.Secret.Reveal(), strings.TrimSuffix(hint, "...")) || len(hint) > len("ptn_key_")+4+3 {
		t.Errorf("the hint is %q", hint)
	}
}

// TestRule1_TheStoredFormIsAnHMACUnderAPepper has someone who can write to the
// database plant secrets of their own.
func TestRule1_TheStoredFormIsAnHMACUnderAPepper(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	issued := a.key(newKey("ci", "admin"))
	digest, fingerprint := w.peppers.Current().Digest(issued.Secret), secret.Fingerprint(issued.Secret)
	var found keyring.Subject
	err := w.store.View(ctx, func(r keyring.Reader) (err error) {
		found, err = r.Subject(ctx, [][]byte{digest[:]})
		return err
	})
	if err != nil {
		t.Fatalf("the secret is not stored under its HMAC: %v", err)
	}
	if !bytes.Equal(found.Secret.Digest, digest[:]) || !bytes.Equal(found.Secret.Fingerprint, fingerprint[:]) || found.Secret.PepperVersion != 1 {
		t.Errorf("stored as %+v", found.Secret)
	}
	format := w.platforms["postern"].Secret
	for version, plant := range map[int]func(secret.Secret) [32]byte{
		2: secret.Fingerprint, // a plain hash
		3: secret.NewPepper(1).Digest,
	} {
		planted := format.Mint("")
		digest := plant(planted)
		err := w.store.Update(ctx, a.ID, func(w keyring.Writer) error {
			return w.InsertSecret(ctx, keyring.StoredSecret{
				Digest: digest[:], PepperVersion: 1, Fingerprint: digest[:], Account: a.ID,
				HolderKind: keyring.HolderAPIKey, Holder: issued.ID, Version: version, CreatedAt: start,
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		a.verdict("planted secret", planted, api.VerifyInvalid)
		if _, err := w.Authenticate(ctx, planted, origin); err == nil {
			t.Error("a planted secret authenticates")
		}
	}
	a.verdict("minted secret", issued.Secret, api.VerifyValid)
}

// TestRule1_AnOlderPepperKeepsItsSecretsGood rotates the pepper itself.
func TestRule1_AnOlderPepperKeepsItsSecretsGood(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.tenant("postern", "")
	old := a.key(newKey("old", "read"))
	w.peppers = secret.Peppers{secret.NewPepper(2), w.peppers[0]}
	w.openAgain()
	fresh := a.key(newKey("fresh", "read"))
	a.verdict("under the older pepper", old.Secret, api.VerifyValid)
	a.verdict("under the newer pepper", fresh.Secret, api.VerifyValid)
	rotated := a.rotate(old.ID, keyring.Rotation{})
	a.verdict("rotated", rotated.Secret, api.VerifyValid)
	a.verdict("before the rotation", old.Secret, api.VerifyInvalid)
}
