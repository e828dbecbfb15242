package keyring

import (
	"context"
	"errors"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/platform"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// giving is how a key comes by its secret: minted for it, or chosen by the caller.
type giving struct {
	chosen secret.Secret // empty for one that is minted
	hash   string        // of a password; empty where keys have none
	pepper int           // the version of the pepper under the hash
}

// prepare hashes a chosen password, before the transaction: it takes long, and nobody
// else should wait for it. One that breaks the rules is left for them to refuse.
func (k *Keyring) prepare(ctx context.Context, who Caller, chosen secret.Secret) (giving, error) {
	if who.platform == nil || who.platform.Password == nil || who.platform.Password.Check(chosen.Reveal()) != nil {
		return giving{chosen: chosen}, nil //nolint:nilerr // the rules refuse a bad one, with all else that is wrong
	}
	pepper := k.peppers.Current()
	digest := pepper.Digest(chosen)
	hash, err := k.passwords.Hash(ctx, digest[:])
	return giving{chosen: chosen, hash: hash, pepper: pepper.Version}, err
}

// secretOf returns the secret of a key, made for it unless the caller chose one, and
// gives the key its hint. A password has none: a few characters of what a person
// chose are too many.
func (g giving) secretOf(key *APIKey, p *platform.Platform) secret.Secret {
	if g.hash != "" {
		return g.chosen
	}
	s := g.chosen
	if s.Empty() {
		s = p.Secret.Mint(key.ID)
	}
	key.SecretHint = p.Secret.Hint(s)
	return s
}

// shown is what the answer shows of the secret: nothing of one that the caller chose.
func (g giving) shown(s secret.Secret) secret.Secret {
	if g.chosen.Empty() {
		return s
	}
	return secret.Secret{}
}

// keepSecret stores the current secret of a key.
func (k *Keyring) keepSecret(ctx context.Context, w Writer, key APIKey, g giving, s secret.Secret, now time.Time) error {
	if g.hash != "" {
		return w.SetPassword(ctx, StoredPassword{Account: key.Account, APIKey: key.ID, Hash: g.hash, PepperVersion: g.pepper, CreatedAt: now})
	}
	stored := k.stored(s, key.Account, HolderAPIKey, key.ID, key.SecretVersion, now)
	if g.chosen.Empty() {
		return w.InsertSecret(ctx, stored)
	}
	// Nothing revoked ever works again, also not for whoever sends it once more.
	spent, err := w.SpentSecret(ctx, stored.Fingerprint)
	if err != nil {
		return err
	}
	if !spent {
		err = w.InsertSecret(ctx, stored)
	}
	if spent || errors.Is(err, ErrDuplicate) {
		var f faults
		f.add("secret", "is or was the secret of a key already; make a fresh one at random")
		return f.err()
	}
	return err
}

// replaceSecret ends the old secret of a key at that time, and stores the new one.
func (k *Keyring) replaceSecret(ctx context.Context, w Writer, before, after APIKey, g giving, s secret.Secret, ends time.Time) error {
	if g.hash != "" {
		if err := w.SetFailures(ctx, after.Account, after.ID, 0, nil); err != nil {
			return err
		}
		return k.keepSecret(ctx, w, after, g, s, after.SecretCreatedAt)
	}
	if err := w.DeleteSecretsBefore(ctx, after.ID, before.SecretVersion); err != nil {
		return err
	}
	if err := w.EndSecret(ctx, after.ID, before.SecretVersion, ends); err != nil {
		return err
	}
	return k.keepSecret(ctx, w, after, g, s, after.SecretCreatedAt)
}

// secret checks what the caller chose, or did not choose. No message repeats any of
// it.
func (f *faults) secret(p *platform.Platform, chosen secret.Secret) {
	switch {
	case p.Password != nil:
		if err := p.Password.Check(chosen.Reveal()); err != nil {
			f.add("secret", "%v", err)
		}
	case chosen.Empty() || p.Secret.IDLength > 0: // the latter is not supported at all
	default:
		if err := p.Secret.CheckChosen(chosen); err != nil {
			f.add("secret", "%v, or leave it out", err)
		}
	}
}

// checkSecretSupported refuses a chosen secret where it cannot be.
func checkSecretSupported(p *platform.Platform, chosen secret.Secret) error {
	if p.Secret.IDLength > 0 && !chosen.Empty() {
		return unsupported("secret", "a key of %s gets a secret that is made for it and holds its id; leave it out", p.Title)
	}
	return nil
}

// newUsername makes the name that an API user signs in with; empty where keys are no
// API users.
func newUsername(p *platform.Platform) string {
	const random = 12
	if p.Password == nil {
		return ""
	}
	return p.Password.UsernamePrefix + secret.Random("base36", random) + p.Password.UsernameSuffix
}
