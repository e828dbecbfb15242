package client

import (
	"context"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// AccountService reads the account that the credential belongs to.
type AccountService struct{ core *core }

// Get returns the account, what its platform allows, who is asking, and the time
// on the server's clock.
func (s *AccountService) Get(ctx context.Context) (*api.Account, error) {
	return call(ctx, s.core, get("/v1/account"), func(a *api.Account) string {
		switch {
		case a.ID == "":
			return "has no account id"
		case a.Platform == "":
			return "has no platform"
		case a.ServerTime.IsZero():
			return "has no server time"
		}
		return ""
	})
}
