package httpapi

import (
	"context"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

type usageInput struct {
	ID   string `path:"id" doc:"The key's id."`
	Days int    `query:"days" minimum:"1" maximum:"400" default:"30" doc:"How many days count, today included."`
}

type usageOutput struct {
	Body api.APIKeyUsage
}

func (a *API) getUsage(ctx context.Context, in *usageInput) (*usageOutput, error) {
	u, err := a.keyring.APIKeyUsage(ctx, callerOf(ctx), in.ID, in.Days)
	if err != nil {
		return nil, err
	}
	return &usageOutput{Body: toUsage(u)}, nil
}

func toUsage(u keyring.Usage) api.APIKeyUsage {
	out := api.APIKeyUsage{
		APIKeyID: u.APIKey.ID, LastUsedAt: whenUsed(u.LastUsed), Since: u.Since.Format(time.DateOnly), ObservedSince: u.Observed.UTC().Truncate(time.Second),
		Scopes: []api.ScopeUsage{}, Days: []api.DayUsage{}, UnusedScopes: list(u.Unused),
	}
	for _, s := range u.Scopes {
		out.Scopes = append(out.Scopes, api.ScopeUsage{Scope: s.Scope, Uses: s.Uses, LastUsedAt: whenUsed(s.LastUsedAt)})
	}
	for _, d := range u.Days {
		out.Days = append(out.Days, api.DayUsage{Day: d.Day.Format(time.DateOnly), Scope: d.Scope, Uses: d.Uses})
	}
	return out
}

// whenUsed is in whole seconds, as all times of a key are; nil for never.
func whenUsed(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	at = at.UTC().Truncate(time.Second)
	return &at
}
