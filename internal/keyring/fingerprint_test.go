package keyring_test

import (
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/platform"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// Whoever chooses a secret that exists learns that it exists and not where, whichever
// pepper it was stored under.
func TestChosenSecret_IsUniqueOverAllPeppersAndTellsNotWhere(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	ours := ownerLike(t)
	w := newWorld(t, ours)
	a, b := w.tenant("postern", ""), w.tenant("postern", "")
	c := w.tenant(ours.Name, "")
	live, other, rotated, deleted := a.key(newKey("live", "read")), a.key(newKey("other", "read")), a.key(newKey("rotated", "read")), a.key(newKey("deleted", "read"))
	inOverlap := a.key(newKey("overlap", "read"))
	a.rotate(rotated.ID, keyring.Rotation{})
	a.rotate(inOverlap.ID, keyring.Rotation{Overlap: time.Hour})
	a.delete(deleted.ID)
	theirs := b.key(newKey("theirs", "read"))
	second, revoked, err := w.CreateOwner(ctx, a.ID, keyring.NewOwner{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.RevokeOwner(ctx, second.ID, false); err != nil {
		t.Fatal(err)
	}

	w.peppers = append(secret.Peppers{secret.NewPepper(2)}, w.peppers...)
	w.openAgain()
	before := len(a.events())
	words := map[string]bool{}
	for what, s := range map[string]secret.Secret{
		"its own": live.Secret, "another key's": other.Secret, "rotated out": rotated.Secret, "deleted": deleted.Secret, "in its overlap": inOverlap.Secret, "another account's": theirs.Secret,
	} {
		_, err := w.RotateAPIKey(ctx, a.asOwner(), live.ID, keyring.Rotation{Secret: s}, nil, "")
		refusedAs(t, "rotating to "+what, err, api.CodeValidationFailed, "secret")
		words[text(err)] = true
		in := newKey("x", "read")
		in.Secret = s
		_, err = w.CreateAPIKey(ctx, a.asOwner(), in, "")
		refusedAs(t, "making one with "+what, err, api.CodeValidationFailed, "secret")
		words[text(err)] = true
	}
	for what, s := range map[string]secret.Secret{"an owner's": a.owner, "a revoked owner's": revoked} {
		in := newKey("x", "send")
		in.Secret = s
		_, err := w.CreateAPIKey(ctx, c.asOwner(), in, "")
		refusedAs(t, what, err, api.CodeValidationFailed, "secret")
		words[text(err)] = true
	}
	if len(words) != 1 {
		t.Errorf("the answers tell where a secret is: %v", words)
	}
	if n := len(a.events()); n != before {
		t.Errorf("the trail tells of it: %+v", a.events()[before:])
	}
	a.verdict("nothing was done", live.Secret, api.VerifyValid, "read")
}

func text(err error) string {
	if err == nil {
		return "no error"
	}
	return err.Error()
}

// ownerLike is a platform of an operator whose keys look like owner credentials.
func ownerLike(t *testing.T) *platform.Platform {
	t.Helper()
	p := *small(t)
	p.Name = "lookalike"
	p.Secret = secret.Format{Prefix: "ptn_owner_", Alphabet: "base62", Length: 43, Checksum: true}
	return &p
}
