package provider

import (
	"context"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

// stray is a service that says of a key which is there that it is not, when it is to be
// deleted. It notes which keys it is asked for.
type stray struct {
	backend.Backend
	asked []backend.APIKeyFilter
}

func (s *stray) Keys(string) backend.Keys { return strayKeys{of: s} }

type strayKeys struct {
	backend.Keys
	of *stray
}

func (k strayKeys) Get(context.Context, string) (backend.APIKey, error) { return backend.APIKey{}, nil }
func (k strayKeys) Delete(context.Context, string) error                { return backend.ErrNotFound }

func (k strayKeys) List(_ context.Context, filter backend.APIKeyFilter) ([]backend.APIKey, error) {
	k.of.asked = append(k.of.asked, filter)
	return nil, nil
}

func TestRevokeAction_AMissIsLookedAtOnceMore(t *testing.T) {
	t.Parallel()
	revoke := &revokeAction{keyAction{&stray{}}}
	var schema action.SchemaResponse
	revoke.Schema(t.Context(), action.SchemaRequest{}, &schema)
	kind := schema.Schema.Type().TerraformType(t.Context())
	config := tftypes.NewValue(kind, map[string]tftypes.Value{"id": tftypes.NewValue(tftypes.String, "key_x"), "subaccount": tftypes.NewValue(tftypes.String, nil)})
	resp := action.InvokeResponse{SendProgress: func(e action.InvokeProgressEvent) {
		if !strings.HasPrefix(e.Message, "Revoking") {
			t.Errorf("told %q", e.Message)
		}
	}}
	revoke.Invoke(t.Context(), action.InvokeRequest{Config: tfsdk.Config{Raw: config, Schema: schema.Schema}}, &resp)
	if !resp.Diagnostics.HasError() || !strings.Contains(resp.Diagnostics[0].Detail(), "The key still works") {
		t.Errorf("%v", resp.Diagnostics)
	}
}

// A service that gives the scopes of a key one by one is asked for them only when they
// are wanted.
func TestList_WithoutTheResourcesIdsAndNamesAreEnough(t *testing.T) {
	t.Parallel()
	service := &stray{}
	keys := &apiKeyList{apiKeyResource{backend: service}}
	var config list.ListResourceSchemaResponse
	keys.ListResourceConfigSchema(t.Context(), list.ListResourceSchemaRequest{}, &config)
	var schema resource.SchemaResponse
	keys.Schema(t.Context(), resource.SchemaRequest{}, &schema)
	for _, whole := range []bool{false, true} {
		req := list.ListRequest{IncludeResource: whole, ResourceSchema: schema.Schema, Limit: 7}
		req.Config = tfsdk.Config{Raw: allNull(t.Context(), list.ListRequest{ResourceSchema: config.Schema}), Schema: config.Schema}
		var stream list.ListResultsStream
		keys.List(t.Context(), req, &stream)
		for result := range stream.Results {
			t.Errorf("%v", result.Diagnostics)
		}
		if got := service.asked[len(service.asked)-1]; got.Brief == whole || got.Limit != 7 {
			t.Errorf("with the resources %v: %+v", whole, got)
		}
	}
}
