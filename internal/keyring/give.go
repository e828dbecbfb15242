package keyring

import (
	"context"
	"errors"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/password"
	"github.com/postern-dev/terraform-provider-postern/internal/platform"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// giving is how a key comes by its secret: minted for it, or chosen by the caller.
type giving struct {
	chosen secret.Secret // empty for one that is minted
	hash   string        // of a password; empty where keys have none
	pepper int           // the version of the pepper under the hash
	spent  bool          // the password is or was that of the key

	// What is made at random is made once, as a write decides twice: see Keyring.write.
	id, username string
	minted       secret.Secret
}

// keyID is the id of a new key.
func (g *giving) keyID(p *platform.Platform) string {
	if g.id == "" {
		g.id = p.NewKeyID()
	}
	return g.id
}

// usernameOf is the name that a new API user signs in with; empty where keys are no
// API users.
func (g *giving) usernameOf(p *platform.Platform) string {
	if g.username == "" {
		g.username = newUsername(p)
	}
	return g.username
}

// prepare hashes a chosen password, before the transaction: it takes long, and nobody
// else should wait for it. One that breaks the rules is left for them to refuse. The
// id is that of the key; empty for a new one, which has had no password.
func (k *Keyring) prepare(ctx context.Context, who Caller, id string, chosen secret.Secret) (giving, error) {
	give, err := k.hashChosen(ctx, who, id, chosen)
	if errors.Is(err, password.ErrBusy) {
		err = refuse(api.CodeRateLimited, "Too many passwords of the account are being hashed. Nothing was done; try again in a second.")
	}
	return give, err
}

func (k *Keyring) hashChosen(ctx context.Context, who Caller, id string, chosen secret.Secret) (giving, error) {
	give := giving{chosen: chosen}
	if who.platform == nil || who.platform.Password == nil || who.platform.Password.Check(chosen.Reveal()) != nil {
		return give, nil //nolint:nilerr // the rules refuse a bad one, with all else that is wrong
	}
	var history []SpentPassword
	err := k.lookup(ctx, func(r Reader) (err error) {
		if who.platform.IsKeyID(id) {
			history, err = r.PasswordHistory(ctx, who.Account.ID, id)
		}
		return err
	})
	if err != nil {
		return give, err
	}
	if give.spent, err = k.hadPassword(ctx, who.Account.ID, history, chosen); err != nil || give.spent {
		return give, err
	}
	pepper := k.peppers.Current()
	digest := pepper.Digest(chosen)
	give.pepper = pepper.Version
	if len(history) == 0 {
		give.hash, err = k.passwords.For(who.Account.ID, "").Hash(ctx, digest[:])
	} else {
		give.hash, err = k.passwords.For(who.Account.ID, "").HashBeside(ctx, history[0].Hash, digest[:])
	}
	return give, err
}

// hadPassword reports whether the password is any of those that a key has or had. It
// cannot tell of one under a pepper that is no longer in the pepper file.
func (k *Keyring) hadPassword(ctx context.Context, account string, history []SpentPassword, chosen secret.Secret) (bool, error) {
	for _, pepper := range k.peppers {
		var hashes []string
		for _, p := range history {
			if p.PepperVersion == pepper.Version {
				hashes = append(hashes, p.Hash)
			}
		}
		digest := pepper.Digest(chosen)
		if had, err := k.passwords.For(account, "").MatchesAny(ctx, hashes, digest[:]); err != nil || had {
			return had, err
		}
	}
	return false, nil
}

// secretOf returns the secret of a key, made for it unless the caller chose one, and
// gives the key its hint. A password has none: a few characters of what a person
// chose are too many.
func (g *giving) secretOf(key *APIKey, p *platform.Platform) secret.Secret {
	if p.Password != nil {
		return g.chosen
	}
	s := g.chosen
	if s.IsZero() {
		if g.minted.IsZero() {
			g.minted = p.Secret.Mint(key.ID)
		}
		s = g.minted
	}
	key.SecretHint = p.Secret.Hint(s)
	return s
}

// shown is what the answer shows of the secret: nothing of one that the caller chose.
func (g giving) shown(s secret.Secret) secret.Secret {
	if g.chosen.IsZero() {
		return s
	}
	return secret.Secret{}
}

// keepSecret stores the current secret of a key.
func (k *Keyring) keepSecret(ctx context.Context, w Writer, key APIKey, g giving, s secret.Secret, now time.Time) error {
	if g.spent {
		return errPasswordSpent()
	}
	if g.hash != "" {
		err := w.SetPassword(ctx, StoredPassword{Account: key.Account, APIKey: key.ID, Hash: g.hash, PepperVersion: g.pepper, CreatedAt: now})
		if errors.Is(err, ErrDuplicate) { // set by another rotation, just now
			return errPasswordSpent()
		}
		return err
	}
	err := w.InsertSecret(ctx, k.stored(s, key.Account, HolderAPIKey, key.ID, key.SecretVersion, now))
	if errors.Is(err, ErrDuplicate) && !g.chosen.IsZero() {
		return errSpent("is or was the secret of a key already; make a fresh one at random")
	}
	return err
}

// errSpent refuses a secret that is or was in use: nothing revoked ever works again, also
// not for whoever sends it once more. The words are the same wherever it exists, so
// that they never tell which account has it.
func errSpent(words string) error {
	var f faults
	f.add("secret", "%s", words)
	return f.err()
}

// replaceSecret ends the old secret of a key at that time, and stores the new one.
func (k *Keyring) replaceSecret(ctx context.Context, w Writer, before, after APIKey, g giving, s secret.Secret, ends time.Time) error {
	if g.spent || g.hash != "" {
		if err := w.SetFailures(ctx, after.Account, after.ID, 0, nil); err != nil {
			return err
		}
		return k.keepSecret(ctx, w, after, g, s, after.SecretCreatedAt)
	}
	if err := endSecret(ctx, w, before, ends, after.SecretCreatedAt); err != nil {
		return err
	}
	return k.keepSecret(ctx, w, after, g, s, after.SecretCreatedAt)
}

func errPasswordSpent() error {
	return errSpent("is or was the password of this key already; choose another one")
}

// endSecret lets the current secret of a key end at that time, and those before it now.
// What ends now is deleted and not dated: no clock brings back what is not there.
func endSecret(ctx context.Context, w Writer, key APIKey, ends, now time.Time) error {
	if !ends.After(now) {
		return w.DeleteSecretsBefore(ctx, key.ID, key.SecretVersion+1)
	}
	if err := w.DeleteSecretsBefore(ctx, key.ID, key.SecretVersion); err != nil {
		return err
	}
	return w.EndSecret(ctx, key.ID, key.SecretVersion, ends)
}

// secret checks what the caller chose, or did not choose. No message repeats any of
// it.
func (f *faults) secret(p *platform.Platform, chosen secret.Secret) {
	switch {
	case p.Password != nil:
		if err := p.Password.Check(chosen.Reveal()); err != nil {
			f.add("secret", "%v", err)
		}
	case chosen.IsZero() || p.Secret.IDLength > 0: // the latter is not supported at all
	default:
		if err := p.Secret.CheckChosen(chosen); err != nil {
			f.add("secret", "%v, or leave it out", err)
		}
	}
}

// checkSecretSupported refuses a chosen secret where it cannot be.
func checkSecretSupported(p *platform.Platform, chosen secret.Secret) error {
	if p.Secret.IDLength > 0 && !chosen.IsZero() {
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
