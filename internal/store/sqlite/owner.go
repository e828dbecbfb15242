package sqlite

import (
	"context"
	"errors"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

const ownerColumns = `id, account, name, rights, secret_hint, created_at`

func scanOwner(scan func(...any) error) (keyring.Owner, error) {
	var o keyring.Owner
	var rights []byte
	var created int64
	if err := scan(&o.ID, &o.Account, &o.Name, &rights, &o.SecretHint, &created); err != nil {
		return o, err
	}
	o.CreatedAt = utc(created)
	var err error
	o.Rights, err = decodeRights(rights)
	return o, err
}

// decodeRights reads the rights of an owner, where NULL alone means all of them.
func decodeRights(text []byte) ([]string, error) {
	if text == nil {
		return nil, nil
	}
	rights, err := decodeScopes(text)
	if err == nil && len(rights) == 0 {
		return nil, errors.New("an owner has an empty list of rights")
	}
	return rights, err
}

func (r *reader) Owner(ctx context.Context, id string) (keyring.Owner, error) {
	return found(scanOwner(r.one(ctx, `SELECT `+ownerColumns+` FROM owners WHERE id = ?`, id)))
}

func (r *reader) Owners(ctx context.Context, account string) ([]keyring.Owner, error) {
	all := []keyring.Owner{}
	const query = `SELECT ` + ownerColumns + ` FROM owners WHERE account = ? ORDER BY seq`
	err := r.each(ctx, query, []any{account}, func(scan func(...any) error) error {
		o, err := scanOwner(scan)
		all = append(all, o)
		return err
	})
	return all, err
}

func (w *writer) InsertOwner(ctx context.Context, o keyring.Owner) error {
	var rights any // NULL for all
	if o.Rights != nil {
		var err error
		if rights, err = encodeScopes(o.Rights); err != nil {
			return err
		}
	}
	seq, err := w.nextSeq(ctx, o.Account)
	if err != nil {
		return err
	}
	return w.must(ctx, `INSERT INTO owners (`+ownerColumns+`, seq) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		o.ID, o.Account, o.Name, rights, o.SecretHint, micros(o.CreatedAt), seq)
}

// DeleteOwner leaves the owner's secret to the foreign key, which deletes it.
func (w *writer) DeleteOwner(ctx context.Context, account, id string) error {
	return w.must(ctx, `DELETE FROM owners WHERE id = ? AND account = ?`, id, account)
}
