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

// headerAPIKeyID tells a gateway whose key it lets in.
const headerAPIKeyID = "X-Postern-Apikey-Id"

// caller is what a caller shows of itself: a key, or a username and its password.
type caller struct{ username, secret string }

// answer is what the gateway hears about a caller.
type answer struct {
	status int
	body   string // for the caller whom the gateway would refuse
	header http.Header
}

// gateway asks what a gateway in front of an API asks: may this caller do that?
type gateway struct {
	endpoint   string
	credential string
	let        map[string]int64 // how often it heard yes, by the key's id
}

// ask asks whether the caller may do what the scope stands for, or when it is empty
// whether it is good at all.
func (g gateway) ask(ctx context.Context, scope string, c caller) (answer, error) {
	target := g.endpoint + "/v1/authorize"
	if scope != "" {
		target += "?" + url.Values{"scope": {scope}}.Encode()
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return answer{}, fmt.Errorf("asking for an authorization: %w", err)
	}
	r.Header.Set(api.HeaderAuthorize, g.credential)
	if c.username != "" {
		r.SetBasicAuth(c.username, c.secret)
	} else {
		r.Header.Set(api.HeaderAPIKey, c.secret)
	}
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		return answer{}, fmt.Errorf("asking for an authorization: %w", err)
	}
	defer got.Body.Close()
	text, err := io.ReadAll(io.LimitReader(got.Body, 64<<10))
	if err != nil {
		return answer{}, fmt.Errorf("reading an authorization: %w", err)
	}
	switch got.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden:
		// A refusal of the gateway itself looks alike, but is a problem.
		var problem api.Problem
		if json.Unmarshal(text, &problem) == nil && problem.RequestID != "" {
			return answer{}, fmt.Errorf("the gateway itself was refused: %s", problem.Detail)
		}
	case http.StatusNoContent:
		g.let[got.Header.Get(headerAPIKeyID)]++
	}
	return answer{status: got.StatusCode, body: string(text), header: got.Header}, nil
}

// ends asks when the secret stops working, through the Go client.
func (g gateway) ends(ctx context.Context, secret string) (time.Time, error) {
	c, err := client.New(g.endpoint, g.credential)
	if err != nil {
		return time.Time{}, fmt.Errorf("connecting: %w", err)
	}
	defer c.CloseIdleConnections()
	v, err := c.Verify.Verify(ctx, api.VerifyRequest{Secret: api.NewSecret(secret)})
	if err != nil {
		return time.Time{}, fmt.Errorf("verifying a secret: %w", err)
	}
	if v.ExpiresAt == nil {
		return time.Time{}, errors.New("the server says that the old secret never ends")
	}
	g.let[v.APIKeyID]++
	return *v.ExpiresAt, nil
}
