package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// fill makes as many keys as the account may have, and deletes them again.
func (t *tour) fill(ctx context.Context) error {
	account, err := t.client.Account.Get(ctx)
	if err != nil {
		return fmt.Errorf("reading the account: %w", err)
	}
	limit := t.platform.limit
	if limit == 0 {
		if account.APIKeys.Limit != nil {
			return fmt.Errorf("the account may have %d keys, and not any number", *account.APIKeys.Limit)
		}
		t.narrator.say("left out: there is no limit of keys here")
		return nil
	}
	if account.APIKeys.Limit == nil || *account.APIKeys.Limit != limit {
		return fmt.Errorf("the account does not say that it may have %d keys", limit)
	}
	var ids []string
	for n := account.APIKeys.Used; n < limit; n++ {
		issued, err := t.filler(ctx, n)
		if err != nil {
			return fmt.Errorf("creating key %d of %d: %w", n+1, limit, err)
		}
		t.secrets.add(issued.Secret.Reveal())
		ids = append(ids, issued.ID)
	}
	_, err = t.filler(ctx, limit)
	why, err := refused(err, api.CodeLimitReached)
	if err != nil {
		return fmt.Errorf("creating key %d of %d: %w", limit+1, limit, err)
	}
	if want := fmt.Sprintf("is %d.", limit); !strings.Contains(why, want) {
		return fmt.Errorf("the refusal does not say that the limit %s it says %s", want, why)
	}
	for _, id := range ids {
		if err := t.client.APIKeys.Delete(ctx, id); err != nil {
			return fmt.Errorf("deleting a key: %w", err)
		}
	}
	t.narrator.say("%d more keys, and the next is refused: %s", len(ids), why)
	return nil
}

func (t *tour) filler(ctx context.Context, n int) (*api.IssuedAPIKey, error) {
	return t.client.APIKeys.Create(ctx, api.CreateAPIKey{Name: fmt.Sprintf("filler-%d", n), Scopes: t.platform.scopes()})
}
