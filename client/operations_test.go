package client

import (
	"context"
	"slices"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// operations are all kinds of calls, with what a good answer to them is.
func operations() map[string]struct {
	step step
	good reply
	call func(context.Context, *Client) error
} {
	type op = struct {
		step step
		good reply
		call func(context.Context, *Client) error
	}
	return map[string]op{
		"get": {
			step{method: "GET", path: "/v1/apikeys/key_1"}, reveal(200, testKey("key_1")),
			func(ctx context.Context, c *Client) error { _, err := c.APIKeys.Get(ctx, "key_1"); return err },
		},
		"list": {
			step{method: "GET", path: "/v1/apikeys", query: "name=n"}, reveal(200, keysPage("")),
			func(ctx context.Context, c *Client) error {
				_, err := c.APIKeys.List(ctx, ListAPIKeys{Name: "n"})
				return err
			},
		},
		"verify": {
			step{method: "POST", path: "/v1/verify", body: `{"secret": "` + testSecret + `"}`}, reveal(200, api.Verification{Code: api.VerifyInvalid, Status: 401}),
			func(ctx context.Context, c *Client) error {
				_, err := c.Verify.Verify(ctx, api.VerifyRequest{Secret: api.NewSecret(testSecret)})
				return err
			},
		},
		"create": {
			step{method: "POST", path: "/v1/apikeys", body: `{"name": "n", "scopes": ["a"]}`}, reveal(201, testMade("key_1", "n")),
			func(ctx context.Context, c *Client) error {
				_, err := c.APIKeys.Create(ctx, api.CreateAPIKey{Name: "n", Scopes: []string{"a"}})
				return err
			},
		},
		"update": {
			step{method: "PATCH", path: "/v1/apikeys/key_1", body: `{"enabled": false}`}, reveal(200, testKey("key_1")),
			func(ctx context.Context, c *Client) error {
				_, err := c.APIKeys.Update(ctx, "key_1", api.UpdateAPIKey{Enabled: new(bool)})
				return err
			},
		},
		"update if match": {
			step{method: "PATCH", path: "/v1/apikeys/key_1", body: `{}`, header: map[string]string{"If-Match": `"3"`}}, reveal(200, testKey("key_1")),
			func(ctx context.Context, c *Client) error {
				_, err := c.APIKeys.Update(ctx, "key_1", api.UpdateAPIKey{}, IfMatch(3))
				return err
			},
		},
		"delete": {
			step{method: "DELETE", path: "/v1/apikeys/key_1", header: map[string]string{"If-Match": `"3"`}}, text(204, "", ""),
			func(ctx context.Context, c *Client) error { return c.APIKeys.Delete(ctx, "key_1", IfMatch(3)) },
		},
		"rotate": {
			step{method: "POST", path: "/v1/apikeys/key_1/rotate", body: `{}`, header: map[string]string{"If-Match": `"3"`}}, reveal(200, testRotated("key_1")),
			func(ctx context.Context, c *Client) error {
				_, err := c.APIKeys.Rotate(ctx, "key_1", api.RotateAPIKey{}, IfMatch(3))
				return err
			},
		},
		"unlock": {
			step{method: "POST", path: "/v1/apikeys/key_1/unlock"}, reveal(200, testKey("key_1")),
			func(ctx context.Context, c *Client) error { _, err := c.APIKeys.Unlock(ctx, "key_1"); return err },
		},
		"create of a sub-account": {
			step{method: "POST", path: "/v1/subaccounts", body: `{"handle": "acme", "name": "n"}`}, reveal(201, testSubaccount("acme")),
			func(ctx context.Context, c *Client) error {
				_, err := c.Subaccounts.Create(ctx, api.CreateSubaccount{Handle: "acme", Name: "n"})
				return err
			},
		},
		"update of a sub-account": {
			step{method: "PATCH", path: "/v1/subaccounts/acme", body: `{"status": "suspended", "apikey_limit": null}`, header: map[string]string{"If-Match": `"1"`}}, reveal(200, testSubaccount("acme")),
			func(ctx context.Context, c *Client) error {
				status := api.SubaccountSuspended
				_, err := c.Subaccounts.Update(ctx, "acme", api.UpdateSubaccount{Status: &status, APIKeyLimit: api.SetInt(nil)}, IfMatch(1))
				return err
			},
		},
		"delete of a sub-account": {
			step{method: "DELETE", path: "/v1/subaccounts/acme", query: "delete_apikeys=true", header: map[string]string{"If-Match": `"1"`}}, text(204, "", ""),
			func(ctx context.Context, c *Client) error {
				return c.Subaccounts.Delete(ctx, "acme", DeleteAPIKeys(), IfMatch(1))
			},
		},
		"create of a scope": {
			step{method: "POST", path: "/v1/scopes", body: `{"name": "s", "implies": ["a"]}`}, reveal(201, testScope("s")),
			func(ctx context.Context, c *Client) error {
				_, err := c.Scopes.Create(ctx, api.CreateScope{Name: "s", Implies: []string{"a"}})
				return err
			},
		},
		"update of a scope": {
			step{method: "PATCH", path: "/v1/scopes/s", body: `{"implies": []}`, header: map[string]string{"If-Match": `"1"`}}, reveal(200, testScope("s")),
			func(ctx context.Context, c *Client) error {
				_, err := c.Scopes.Update(ctx, "s", api.UpdateScope{Implies: &[]string{}}, IfMatch(1))
				return err
			},
		},
		"delete of a scope": {
			step{method: "DELETE", path: "/v1/scopes/s"}, text(204, "", ""),
			func(ctx context.Context, c *Client) error { return c.Scopes.Delete(ctx, "s") },
		},
	}
}

func isWrite(name string) bool { return !slices.Contains([]string{"get", "list", "verify"}, name) }
