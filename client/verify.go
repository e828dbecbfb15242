package client

import (
	"context"
	"net/http"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// VerifyService asks about secrets.
type VerifyService struct{ core *core }

// use is the core of the service; nil for one that New did not make.
func (s *VerifyService) use() *core {
	if s == nil {
		return nil
	}
	return s.core
}

// Verify returns whether a secret is good for some scopes now. A secret that is
// not good is no error: let the caller in only when the error is nil and Valid is
// true. The client's own credential needs the right to verify.
func (s *VerifyService) Verify(ctx context.Context, in api.VerifyRequest) (*api.Verification, error) {
	o := operation{method: http.MethodPost, path: "/v1/verify", in: in}.hiding(in.Secret)
	return call(ctx, s.use(), o, checkVerification)
}

// checkVerification lets no answer through that says yes and no at once.
func checkVerification(v *api.Verification) string {
	good := v.Code == api.VerifyValid
	switch {
	case v.Code == "":
		return "has no code"
	case v.Valid != good, good != (v.Status == http.StatusOK), good && v.APIKeyID == "", good && len(v.MissingScopes) > 0:
		return "contradicts itself"
	}
	return ""
}
