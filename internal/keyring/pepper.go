package keyring

import (
	"context"
	"crypto/hmac"
	"errors"
	"fmt"
	"slices"

	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// pepperChecked is what the checks in the database are digests of. It is no secret: a
// digest under a pepper of 256 random bits tells nothing about the pepper.
const pepperChecked = "postern pepper check"

// PepperCheck is the digest by which a pepper is known again.
func PepperCheck(p secret.Pepper) []byte {
	digest := p.Digest(secret.From(pepperChecked))
	return digest[:]
}

// checkPeppers refuses peppers that the store was not used with, and stores the check of
// those that are new. A wrong one shows in nothing else but this, that no credential
// works any more, and what is made meanwhile is under the wrong one.
//
// The store's own check proves a pepper. Where it has none, it may be new: a version that
// no secret is under contradicts nothing. A database from before there were checks has
// secrets and no check, and its digests prove nothing without a credential: there the
// caller must know, from the file that the data folder has kept beside it, or from the
// operator.
func (k *Keyring) checkPeppers(ctx context.Context, proven func(version int) bool) error {
	var stored map[int][]byte
	var used []int
	err := k.view(ctx, func(r Reader) (err error) {
		if stored, err = r.PepperChecks(ctx); err != nil {
			return err
		}
		used, err = r.PepperVersions(ctx)
		return err
	})
	if err != nil {
		return err
	}
	var fresh []secret.Pepper
	for _, p := range k.peppers {
		check, known := stored[p.Version]
		switch {
		case known && !hmac.Equal(check, PepperCheck(p)):
			return fmt.Errorf("the pepper file does not belong to this database: its version %d differs, and no credential would work; restore the right one", p.Version)
		case known:
		case slices.Contains(used, p.Version) && (proven == nil || !proven(p.Version)):
			return fmt.Errorf("nothing shows that the pepper file belongs to this database, which holds secrets under pepper version %d: the file pepper-check is gone; "+
				"restore it from a backup, or start once with --accept-pepper when the pepper file is certainly the right one", p.Version)
		default:
			fresh = append(fresh, p)
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	err = k.update(ctx, "", func(w Writer) error {
		stored, err := w.PepperChecks(ctx)
		if err != nil {
			return err
		}
		for _, p := range fresh {
			if check, known := stored[p.Version]; known {
				if !hmac.Equal(check, PepperCheck(p)) {
					return fmt.Errorf("another process uses this database with another pepper of version %d; restore the right one", p.Version)
				}
				continue
			}
			if err := w.InsertPepperCheck(ctx, p.Version, PepperCheck(p)); err != nil {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, ErrFull) {
		return nil // a full disk must not keep a server from its start; the next one stores it
	}
	return err
}
