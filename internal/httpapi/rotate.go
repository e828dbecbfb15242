package httpapi

import (
	"context"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

type rotateAPIKeyInput struct {
	ID             string `path:"id" doc:"The key's id."`
	IfMatch        string `header:"If-Match" doc:"The ETag that the rotation was decided on, or *."`
	IdempotencyKey string `header:"Idempotency-Key" doc:"16 to 128 visible characters, made at random for each new request. The same request under the same key gets the first answer again, the secret included, for 24 hours."`
	Body           body[api.RotateAPIKey]
}

type rotateAPIKeyOutput struct {
	ETag string `header:"ETag" doc:"The key's revision, for If-Match."`
	Body api.IssuedAPIKey
}

func (a *API) rotateAPIKey(ctx context.Context, in *rotateAPIKeyInput) (*rotateAPIKeyOutput, error) {
	revision, err := ifMatch(in.IfMatch)
	if err != nil {
		return nil, err
	}
	want := in.Body.value
	overlap, err := parseOverlap(want.Overlap)
	if err != nil {
		return nil, err
	}
	issued, err := a.keyring.RotateAPIKey(ctx, callerOf(ctx), in.ID, keyring.Rotation{
		Overlap: overlap, ChangeExpiry: want.ExpiresAt.Set, ExpiresAt: want.ExpiresAt.Time, Secret: want.Secret,
	}, revision, in.IdempotencyKey)
	if err != nil {
		return nil, err
	}
	return &rotateAPIKeyOutput{ETag: etag(issued.Revision), Body: toIssuedAPIKey(issued)}, nil
}

func parseOverlap(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	overlap, err := time.ParseDuration(text)
	if err != nil {
		return 0, keyring.RefuseFields(api.CodeValidationFailed, api.FieldError{
			Field: "overlap", Message: `must be a duration in hours, minutes and seconds, such as "24h" or "1h30m"; days are not a unit, send "168h" for a week`,
		})
	}
	return overlap, nil
}
