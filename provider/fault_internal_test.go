package provider

import (
	"context"
	"slices"
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
	miss  error // of each list of keys
	gone  error // of each sub-account that is read
}

func (s *stray) Keys(string) backend.Keys         { return strayKeys{of: s} }
func (s *stray) Subaccounts() backend.Subaccounts { return straySubaccounts{of: s} }

func (s *stray) Account(context.Context) (backend.Account, error) {
	return backend.Account{Subaccounts: &backend.SubaccountRules{}}, nil
}

type straySubaccounts struct {
	backend.Subaccounts
	of *stray
}

func (s straySubaccounts) List(context.Context, backend.SubaccountFilter) ([]backend.Subaccount, error) {
	return []backend.Subaccount{{Handle: "acme"}}, nil
}

func (s straySubaccounts) Get(context.Context, string) (backend.Subaccount, error) {
	return backend.Subaccount{}, s.of.gone
}

type strayKeys struct {
	backend.Keys
	of *stray
}

func (k strayKeys) Get(context.Context, string) (backend.APIKey, error) { return backend.APIKey{}, nil }
func (k strayKeys) Delete(context.Context, string) error                { return backend.ErrNotFound }

func (k strayKeys) List(_ context.Context, filter backend.APIKeyFilter) ([]backend.APIKey, error) {
	k.of.asked = append(k.of.asked, filter)
	return nil, k.of.miss
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
	for _, whole := range []bool{false, true} {
		for _, result := range service.list(t, &apiKeyList{apiKeyResource{backend: service}}, whole) {
			t.Errorf("%v", result.Diagnostics)
		}
		if got := service.asked[len(service.asked)-1]; got.Brief == whole || got.Limit != 7 {
			t.Errorf("with the resources %v: %+v", whole, got)
		}
	}
}

func TestList_ASubaccountIsLeftOutOnlyWhenItIsGone(t *testing.T) {
	t.Parallel()
	for gone, want := range map[error]int{nil: 1, backend.ErrNotFound: 0} {
		service := &stray{miss: backend.ErrNotFound, gone: gone}
		got := service.list(t, &apiKeyList{apiKeyResource{backend: service, ofSubaccount: true}}, false)
		if len(got) != want || want == 1 && !got[0].Diagnostics.HasError() {
			t.Errorf("with the sub-account %v: %+v", gone, got)
		}
	}
}

// list runs a list without filters.
func (s *stray) list(t *testing.T, keys *apiKeyList, whole bool) []list.ListResult {
	t.Helper()
	var config list.ListResourceSchemaResponse
	keys.ListResourceConfigSchema(t.Context(), list.ListResourceSchemaRequest{}, &config)
	var schema resource.SchemaResponse
	keys.Schema(t.Context(), resource.SchemaRequest{}, &schema)
	req := list.ListRequest{IncludeResource: whole, ResourceSchema: schema.Schema, Limit: 7}
	req.Config = tfsdk.Config{Raw: allNull(t.Context(), list.ListRequest{ResourceSchema: config.Schema}), Schema: config.Schema}
	var stream list.ListResultsStream
	keys.List(t.Context(), req, &stream)
	return slices.Collect(stream.Results)
}
