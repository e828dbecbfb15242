package keyring

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/platform"
	"github.com/postern-dev/terraform-provider-postern/internal/scope"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// Owner is a credential of an account that is no API key: a full one may do
// everything in the account, a limited one has some rights and grants nothing.
// It is made on the server's own machine only and is never a Terraform resource.
type Owner struct {
	ID         string
	Account    string
	Name       string   // for people; may be empty
	Rights     []string // of platform.Rights, sorted; nil for all, never empty
	SecretHint string
	CreatedAt  time.Time
}

// Full reports whether the credential may do everything in its account.
func (o Owner) Full() bool { return o.Rights == nil }

// Kind is api.CallerOwner for a full credential and api.CallerService for a
// limited one.
func (o Owner) Kind() string {
	if o.Full() {
		return api.CallerOwner
	}
	return api.CallerService
}

// EffectiveRights are the rights that the credential has, sorted.
func (o Owner) EffectiveRights() []string {
	if o.Full() {
		return platform.Rights()
	}
	return o.Rights
}

// The formats mark these credentials apart from keys on every platform, and a full
// one from a limited one, so that logs, scanners and people can tell them.
var (
	ownerFormat   = secret.Format{Prefix: "ptn_owner_", Alphabet: "base62", Length: 43, Checksum: true}
	serviceFormat = secret.Format{Prefix: "ptn_service_", Alphabet: "base62", Length: 43, Checksum: true}
)

// NewOwner asks for a credential of an account.
type NewOwner struct {
	Name   string   // for people; may be empty
	Rights []string // all when nil
	Keep   Keep     // gets the credential before anything is stored; may be nil
}

// Keep puts a new credential in a safe place, such as a file on the disk. The credential
// is made only when it returns nil, so none is lost that works. When the
// credential is not made for another reason, what was kept opens nothing.
type Keep func(account, id string, credential secret.Secret) error

func (f Keep) call(account, id string, credential secret.Secret) error {
	if f == nil {
		return nil
	}
	return f(account, id, credential)
}

// mintOwner makes the credential that in asks for.
func mintOwner(account string, in NewOwner, now time.Time) (Owner, secret.Secret) {
	o := Owner{ID: newID("own"), Account: account, Name: in.Name, CreatedAt: now}
	format := ownerFormat
	if in.Rights != nil {
		o.ID, o.Rights, format = newID("svc"), scope.Normal(in.Rights), serviceFormat
	}
	minted := format.Mint("")
	o.SecretHint = format.Hint(minted)
	return o, minted
}

// insertOwner stores a credential with its secret.
func (k *Keyring) insertOwner(ctx context.Context, w Writer, o Owner, minted secret.Secret) error {
	if err := w.InsertOwner(ctx, o); err != nil {
		return err
	}
	return w.InsertSecret(ctx, k.stored(minted, o.Account, HolderOwner, o.ID, 1, o.CreatedAt))
}

// CreateOwner makes one more credential for an account, full or limited. It is
// the operator's call: nothing on the network reaches it.
func (k *Keyring) CreateOwner(ctx context.Context, account string, in NewOwner) (Owner, secret.Secret, error) {
	if in.Name != "" {
		if err := checkName(in.Name, maxName); err != nil {
			return Owner{}, secret.Secret{}, fmt.Errorf("name %w", err)
		}
	}
	if in.Rights != nil && len(in.Rights) == 0 {
		return Owner{}, secret.Secret{}, fmt.Errorf("a limited credential needs at least one right, of %s", strings.Join(platform.Rights(), ", "))
	}
	for _, right := range in.Rights {
		if !slices.Contains(platform.Rights(), right) {
			return Owner{}, secret.Secret{}, unknownWord("right", right, platform.Rights())
		}
	}
	owner, minted := mintOwner(account, in, k.second())
	if err := in.Keep.call(account, owner.ID, minted); err != nil {
		return Owner{}, secret.Secret{}, err
	}
	err := k.update(ctx, account, func(w Writer) error {
		if _, err := findAccount(ctx, w, account); err != nil {
			return err
		}
		if err := k.insertOwner(ctx, w, owner, minted); err != nil {
			return err
		}
		return k.record(ctx, w, operator(account), event{Action: "owner.create", Target: owner.ID, Detail: owner.detail()})
	})
	if err != nil {
		return Owner{}, secret.Secret{}, err
	}
	return owner, minted, nil
}

func (o Owner) detail() map[string]any {
	return map[string]any{"kind": o.Kind(), "name": o.Name, "rights": o.EffectiveRights()}
}

// Owners returns the account's credentials, full and limited, oldest first, for
// the operator.
func (k *Keyring) Owners(ctx context.Context, account string) ([]Owner, error) {
	var all []Owner
	err := k.view(ctx, func(r Reader) error {
		if _, err := findAccount(ctx, r, account); err != nil {
			return err
		}
		var err error
		all, err = r.Owners(ctx, account)
		return err
	})
	return all, err
}

// ErrLastOwner is the answer to a revocation that would leave an account to
// nobody.
var ErrLastOwner = errors.New("the last full owner credential of its account")

// RevokeOwner removes a credential for good: its secret never works again, also
// not in a write that it has begun. The last full one of an account goes
// only by force. It is the operator's call.
func (k *Keyring) RevokeOwner(ctx context.Context, id string, force bool) (Owner, error) {
	var owner Owner
	// The account is known by its credential only, and never changes.
	err := k.lookup(ctx, func(r Reader) error {
		var err error
		owner, err = findOwner(ctx, r, id)
		return err
	})
	if err != nil {
		return Owner{}, err
	}
	err = k.update(ctx, owner.Account, func(w Writer) error {
		if _, err := findOwner(ctx, w, id); err != nil {
			return err
		}
		all, err := w.Owners(ctx, owner.Account)
		if err != nil {
			return err
		}
		last := owner.Full() && !slices.ContainsFunc(all, func(o Owner) bool { return o.Full() && o.ID != id })
		if last && !force {
			return fmt.Errorf("%s is %w, %s: without it nobody can manage the account until \"postern owner-key create\" makes another; "+
				"make that one first, or repeat this with --force", id, ErrLastOwner, owner.Account)
		}
		w.Mark(TakesPower)
		if err := w.DeleteOwner(ctx, owner.Account, id); err != nil {
			return err
		}
		detail := owner.detail()
		detail["last"] = last
		return k.record(ctx, w, operator(owner.Account), event{Action: "owner.revoke", Target: id, Detail: detail})
	})
	if err != nil {
		return Owner{}, err
	}
	return owner, nil
}
