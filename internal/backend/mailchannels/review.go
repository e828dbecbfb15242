package mailchannels

import (
	"context"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

// AccountNow implements backend.Review. MailChannels tells how many sub-accounts there
// are, and nothing else of the account: not its id, name or standing, nor how many
// keys it has of its own or what the caller's key may do.
func (b *Backend) AccountNow(ctx context.Context) (backend.AccountDetail, error) {
	all, err := b.subs.get(ctx, true)
	if err != nil {
		return backend.AccountDetail{}, b.explained(err)
	}
	out := backend.AccountDetail{
		Platform: Name, CallerKind: api.CallerAPIKey, Subaccounts: &backend.Quota{Used: int64(len(all)), Limit: wide(b.platform.Subaccounts.Limit)},
	}
	out.APIKeys.Limit = wide(b.platform.Keys.Limit)
	return out, nil
}

func wide(n *int) *int64 {
	if n == nil {
		return nil
	}
	out := int64(*n)
	return &out
}

// APIKeyUsage implements backend.Review.
func (b *Backend) APIKeyUsage(context.Context, string, string, int) (backend.APIKeyUsage, error) {
	return backend.APIKeyUsage{}, &backend.Error{Message: "MailChannels does not tell how an API key was used.", Err: backend.ErrUnsupported}
}
