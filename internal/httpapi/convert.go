package httpapi

import (
	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

func toAccount(who keyring.Caller, v keyring.AccountView, k *keyring.Keyring) api.Account {
	return api.Account{
		ID:       v.ID,
		Name:     v.Name,
		Platform: v.Platform,
		Plan:     v.Plan,
		Standing: v.Standing,
		APIKeys:  api.Usage{Used: v.APIKeys, Limit: v.Limit},
		KeyRules: api.KeyRules{
			UniqueNames: v.Rules.UniqueNames,
			EditScopes:  v.Rules.EditScopes,
			Expiry:      v.Rules.Expiry,
			Disable:     v.Rules.Disable,
			MaxOverlap:  v.Rules.MaxOverlap.String(),
		},
		Caller: api.Caller{
			Kind:            who.Kind,
			ID:              who.ID,
			Rights:          list(who.Rights),
			EffectiveScopes: list(who.Effective),
		},
		CreatedAt:  v.CreatedAt,
		ServerTime: k.Now(),
	}
}

func toAPIKey(v keyring.APIKeyView) api.APIKey {
	return api.APIKey{
		ID:                      v.ID,
		Name:                    v.Name,
		Description:             v.Description,
		Class:                   v.Class,
		Scopes:                  list(v.Scopes),
		EffectiveScopes:         list(v.Effective),
		Enabled:                 v.Enabled,
		Status:                  v.Status,
		ExpiresAt:               v.ExpiresAt,
		SecretHint:              v.SecretHint,
		SecretVersion:           v.SecretVersion,
		SecretCreatedAt:         v.SecretCreatedAt,
		PreviousSecretExpiresAt: v.PreviousSecretEndsAt,
		CreatedAt:               v.CreatedAt,
		UpdatedAt:               v.UpdatedAt,
		Revision:                v.Revision,
	}
}

// toIssuedAPIKey is the one place where a secret leaves the server.
func toIssuedAPIKey(v keyring.IssuedAPIKey) api.IssuedAPIKey {
	return api.IssuedAPIKey{APIKey: toAPIKey(v.APIKeyView), Secret: v.Secret.Reveal()}
}

func toScope(v keyring.ScopeView) api.Scope {
	return api.Scope{
		Name:            v.Name,
		Description:     v.Description,
		Group:           v.Group,
		Class:           v.Class,
		Implies:         list(v.Implies),
		EffectiveScopes: list(v.Effective),
		Builtin:         v.Builtin,
	}
}

func toVerification(v keyring.Verification) api.Verification {
	return api.Verification{
		Valid:           v.Valid(),
		Code:            v.Code,
		Status:          verdictStatus(v.Code),
		APIKeyID:        v.APIKey.ID,
		Name:            v.APIKey.Name,
		AccountID:       v.APIKey.Account,
		EffectiveScopes: v.Effective,
		MissingScopes:   v.Missing,
		ExpiresAt:       v.EndsAt,
	}
}

// list is never null in JSON.
func list(names []string) []string {
	if names == nil {
		return []string{}
	}
	return names
}
