package httpapi

import (
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

func toAPIKey(v keyring.APIKeyView) api.APIKey {
	return api.APIKey{
		ID:                      v.ID,
		Subaccount:              v.Handle,
		Name:                    v.Name,
		Username:                v.Username,
		Description:             v.Description,
		Class:                   v.Class,
		Scopes:                  list(v.Scopes),
		EffectiveScopes:         list(v.Effective),
		AutomaticScopes:         list(v.Automatic),
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

func toIssuedAPIKey(v keyring.IssuedAPIKey) api.IssuedAPIKey {
	return api.IssuedAPIKey{APIKey: toAPIKey(v.APIKeyView), Secret: v.Secret}
}

func toVerification(v keyring.Verification) api.Verification {
	out := api.Verification{
		Valid:           v.Valid(),
		Code:            v.Code,
		Status:          verdictStatus(v.Code),
		APIKeyID:        v.APIKey.ID,
		Name:            v.APIKey.Name,
		Subaccount:      v.Handle,
		AccountID:       v.APIKey.Account,
		EffectiveScopes: v.Effective,
		MissingScopes:   v.Missing,
		RetryAfter:      int64(v.RetryAfter / time.Second),
		ExpiresAt:       v.EndsAt,
	}
	if hour, month := toRequestUsage(v.Requests.Hour), toRequestUsage(v.Requests.Month); hour != nil || month != nil {
		out.Requests = &api.Requests{Hour: hour, Month: month}
	}
	return out
}

// list is never null in JSON.
func list(names []string) []string {
	if names == nil {
		return []string{}
	}
	return names
}
