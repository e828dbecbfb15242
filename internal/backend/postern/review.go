package postern

import (
	"context"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

// AccountNow implements backend.Review.
func (b *Backend) AccountNow(ctx context.Context) (backend.AccountDetail, error) {
	a, err := b.client.Account.Get(ctx)
	if err != nil {
		return backend.AccountDetail{}, explained(err)
	}
	return backend.AccountDetail{
		ID: a.ID, Name: a.Name, Platform: a.Platform, Plan: a.Plan, Standing: a.Standing,
		APIKeys: *quota(&a.APIKeys), Subaccounts: quota(a.Subaccounts), RequestsHour: requests(a.RequestsHour), RequestsMonth: requests(a.RequestsMonth),
		CustomScopes: a.CustomScopes, CallerKind: a.Caller.Kind, CallerID: a.Caller.ID, Rights: a.Caller.Rights, Scopes: a.Caller.EffectiveScopes,
		Subaccount: a.Caller.Subaccount, CreatedAt: a.CreatedAt,
	}, nil
}

func quota(in *api.Usage) *backend.Quota {
	if in == nil {
		return nil
	}
	out := &backend.Quota{Used: int64(in.Used)}
	if in.Limit != nil {
		limit := int64(*in.Limit)
		out.Limit = &limit
	}
	return out
}

func requests(in *api.RequestUsage) *backend.Quota {
	if in == nil {
		return nil
	}
	return &backend.Quota{Used: in.Used, Limit: &in.Limit}
}

// APIKeyUsage implements backend.Review.
func (b *Backend) APIKeyUsage(ctx context.Context, subaccount, id string, days int) (backend.APIKeyUsage, error) {
	u, err := b.service(subaccount).Usage(ctx, id, days)
	if err != nil {
		return backend.APIKeyUsage{}, explained(err)
	}
	out := backend.APIKeyUsage{LastUsedAt: u.LastUsedAt, Since: u.Since, ObservedSince: u.ObservedSince, UnusedScopes: u.UnusedScopes}
	for _, s := range u.Scopes {
		out.Scopes = append(out.Scopes, backend.ScopeUsage{Scope: s.Scope, Uses: s.Uses, LastUsedAt: s.LastUsedAt})
	}
	return out, nil
}
