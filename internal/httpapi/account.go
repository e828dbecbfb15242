package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

type accountOutput struct {
	Body api.Account
}

func (a *API) registerAccount() {
	huma.Register(a.huma, operation("get-account", http.MethodGet, "/v1/account", tagAccount,
		"Who am I",
		"The caller's account: its platform, its standing, its limits and what is used of them, and what the caller may do. "+
			"It answers whatever the standing is."), a.getAccount)
}

func (a *API) getAccount(ctx context.Context, _ *struct{}) (*accountOutput, error) {
	who := callerOf(ctx)
	view, err := a.keyring.Account(ctx, who)
	if err != nil {
		return nil, err
	}
	return &accountOutput{Body: toAccount(who, view, a.keyring)}, nil
}
