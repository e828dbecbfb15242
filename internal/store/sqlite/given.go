package sqlite

import (
	"context"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// givenReach is how many entries of several scopes are looked at to count their keys.
const givenReach = 50_000

func (r *reader) HasAPIKeyGiven(ctx context.Context, account string, scopes []string) (bool, error) {
	names, err := encodeScopes(scopes)
	if err != nil {
		return false, err
	}
	has := false
	const given = `SELECT 1 FROM json_each(?) CROSS JOIN apikey_scopes ON account = ? AND scope = value`
	err = r.one(ctx, `SELECT EXISTS (`+given+`)`, names, account)(&has)
	return has, err
}

// APIKeysGiven counts the entries of one scope as they lie in the table. Of several
// scopes one key may have more than one entry, which costs much more to count.
func (r *reader) APIKeysGiven(ctx context.Context, account string, scopes []string, limit int) ([]keyring.APIKey, int, error) {
	const given = `SELECT seq, apikey FROM apikey_scopes WHERE account = ? AND scope IN (SELECT value FROM json_each(?)) LIMIT ?`
	names, err := encodeScopes(scopes)
	if err != nil {
		return nil, 0, err
	}
	n := 0
	if len(scopes) == 1 {
		err = r.one(ctx, `SELECT count(*) FROM apikey_scopes WHERE account = ? AND scope = ?`, account, scopes[0])(&n)
	} else {
		err = r.one(ctx, `SELECT count(DISTINCT seq) FROM (`+given+`)`, account, names, givenReach)(&n)
	}
	if err != nil {
		return nil, 0, err
	}
	keys := []keyring.APIKey{}
	query := `SELECT ` + apikeyColumns + ` FROM (SELECT DISTINCT seq AS place, apikey AS found FROM (` + given + `) ORDER BY seq LIMIT ?)
		CROSS JOIN apikeys ON id = found ORDER BY place`
	err = r.each(ctx, query, []any{account, names, givenReach, limit}, func(scan func(...any) error) error {
		k, err := scanAPIKey(scan)
		keys = append(keys, k)
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	return keys, n, nil
}
