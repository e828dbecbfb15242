package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/platform"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

type accountOutput struct {
	Body api.Account
}

func (a *API) registerAccount() {
	huma.Register(a.huma, operation("get-account", http.MethodGet, "/v1/account", tagAccount,
		"Who am I",
		"The caller's account: its platform, its standing, its limits and what is used of them, and what the caller may do. "+
			"It answers whatever the standing is."), a.getAccount)
	orNull[api.Account](a.huma.OpenAPI().Components.Schemas)
	orNull[api.KeyRules](a.huma.OpenAPI().Components.Schemas)
}

func (a *API) getAccount(ctx context.Context, _ *struct{}) (*accountOutput, error) {
	who := callerOf(ctx)
	view, err := a.keyring.Account(ctx, who)
	if err != nil {
		return nil, err
	}
	return &accountOutput{Body: a.toAccount(who, view)}, nil
}

func (a *API) toAccount(who keyring.Caller, v keyring.AccountView) api.Account {
	out := api.Account{
		ID:       v.ID,
		Name:     v.Name,
		Platform: v.Platform,
		Plan:     v.Plan,
		Standing: v.Standing,
		APIKeys:  api.Usage{Used: v.APIKeys, Limit: v.Limit},
		KeyRules: api.KeyRules{
			NameRequired: v.Rules.NameRequired,
			UniqueNames:  v.Rules.UniqueNames,
			EditScopes:   v.Rules.EditScopes,
			FixedScopes:  fixedScopes(v.Rules.FixedScopes),
			Expiry:       v.Rules.Expiry,
			Disable:      v.Rules.Disable,
			Rotate:       v.Rules.Rotate,
			MaxOverlap:   v.Rules.MaxOverlap.String(),
			OwnerOnly:    v.Rules.OwnerOnly,
			Password:     v.Password != nil,

			SecretFormat:  toSecretFormat(v.Secret),
			PasswordRules: toPasswordRules(v.Password),
		},
		CustomScopes:  v.CustomScopes,
		RequestsHour:  toRequestUsage(v.Requests.Hour),
		RequestsMonth: toRequestUsage(v.Requests.Month),
		Caller: api.Caller{
			Kind:            who.Kind,
			ID:              who.ID,
			Rights:          list(who.Rights),
			ExpiresAt:       who.ExpiresAt,
			SecretExpiresAt: who.SecretEndsAt,
			EffectiveScopes: list(who.Effective),
		},
		CreatedAt:  v.CreatedAt,
		ServerTime: a.keyring.Now(),
	}
	if who.Subaccount != nil {
		out.Caller.Subaccount = who.Subaccount.Handle
	}
	if s := v.Subaccounts; s != nil {
		out.Subaccounts = &api.Usage{Used: s.Used, Limit: s.Rules.Limit}
		out.SubaccountRules = &api.SubaccountRules{
			Handle:      s.Rules.HandleWords,
			Pattern:     s.Rules.Handle.String(),
			Generate:    s.Rules.Generate,
			FixedScopes: fixedScopes(s.Rules.FixedScopes),
			APIKeyLimit: s.Rules.KeyLimit,
		}
	}
	return out
}

// toSecretFormat is nil where nobody can choose a secret: it holds the key's id, which
// is not known before, or keys have passwords.
func toSecretFormat(f secret.Format) *api.SecretFormat {
	if f.Prefix == "" || f.IDLength > 0 {
		return nil
	}
	return &api.SecretFormat{Prefix: f.Prefix, Alphabet: f.Alphabet, Length: f.Length, Checksum: f.Checksum}
}

func toPasswordRules(r *platform.PasswordRules) *api.PasswordRules {
	if r == nil {
		return nil
	}
	return &api.PasswordRules{MinLength: r.MinLength, NotOnlyLetters: r.NotOnlyLetters, Forbidden: list(r.Forbidden)}
}

// fixedScopes keeps null, where scopes are chosen, apart from an empty list, where
// keys have none.
func fixedScopes(names *[]string) *[]string {
	if names == nil {
		return nil
	}
	out := list(*names)
	return &out
}

func toRequestUsage(c *keyring.RequestCount) *api.RequestUsage {
	if c == nil {
		return nil
	}
	return &api.RequestUsage{Used: c.Used, Limit: c.Limit, ResetAt: c.ResetAt}
}
