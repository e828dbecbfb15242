package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client"
	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// gateway asks what a gateway in front of an API asks: may this caller do that?
type gateway struct {
	endpoint   string
	credential string
}

// ask asks whether the secret is good for the scope. The body is for the caller
// whom the gateway would refuse.
func (g gateway) ask(ctx context.Context, scope, secret string) (status int, body string, err error) {
	target := g.endpoint + "/v1/authorize?" + url.Values{"scope": {scope}}.Encode()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return 0, "", fmt.Errorf("asking for an authorization: %w", err)
	}
	r.Header.Set(api.HeaderAuthorize, g.credential)
	r.Header.Set(api.HeaderAPIKey, secret)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, "", fmt.Errorf("asking for an authorization: %w", err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 64<<10))
	if err != nil {
		return 0, "", fmt.Errorf("reading an authorization: %w", err)
	}
	if answer.StatusCode == http.StatusUnauthorized || answer.StatusCode == http.StatusForbidden {
		// A refusal of the gateway itself looks alike, but is a problem.
		var problem api.Problem
		if json.Unmarshal(text, &problem) == nil && problem.RequestID != "" {
			return 0, "", fmt.Errorf("the gateway itself was refused: %s", problem.Detail)
		}
	}
	return answer.StatusCode, string(text), nil
}

// ends asks when the secret stops working, through the Go client.
func (g gateway) ends(ctx context.Context, secret string) (time.Time, error) {
	c, err := client.New(g.endpoint, g.credential)
	if err != nil {
		return time.Time{}, fmt.Errorf("connecting: %w", err)
	}
	defer c.CloseIdleConnections()
	v, err := c.Verify.Verify(ctx, api.VerifyRequest{Secret: secret})
	if err != nil {
		return time.Time{}, fmt.Errorf("verifying a secret: %w", err)
	}
	if v.ExpiresAt == nil {
		return time.Time{}, errors.New("the server says that the old secret never ends")
	}
	return *v.ExpiresAt, nil
}
