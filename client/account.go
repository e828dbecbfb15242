package client

import (
	"context"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/outside"
)

// AccountService reads the account that the credential belongs to.
type AccountService struct{ core *core }

// use is the core of the service; nil for one that New did not make.
func (s *AccountService) use() *core {
	if s == nil {
		return nil
	}
	return s.core
}

// Get returns the account, what its platform allows, who is asking, and the time
// on the server's clock.
func (s *AccountService) Get(ctx context.Context) (*api.Account, error) {
	return call(ctx, s.use(), get("/v1/account"), func(a *api.Account) string {
		switch {
		case a.ID == "":
			return "has no account id"
		case outside.CheckID(a.ID) != nil:
			return "has an account id that is none"
		case a.Platform == "":
			return "has no platform"
		case outside.CheckID(a.Platform) != nil:
			return "has a platform whose name is none"
		case a.Caller.Subaccount != "" && outside.CheckHandle(a.Caller.Subaccount) != nil:
			return "has a caller of a sub-account whose handle is none"
		case !areScopes(a.Caller.EffectiveScopes) || a.KeyRules.FixedScopes != nil && !areScopes(*a.KeyRules.FixedScopes):
			return "has scopes that are none"
		case a.ServerTime.IsZero():
			return "has no server time"
		}
		return ""
	})
}
