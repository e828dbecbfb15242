package provider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

var _ list.ListResourceWithConfigure = (*scopeList)(nil)

// NewScopeListResource returns the list of postern_scope.
func NewScopeListResource() list.ListResource { return &scopeList{} }

type scopeList struct{ scopeResource }

// scopeFilter is the configuration of a list of scopes.
type scopeFilter struct {
	NamePrefix types.String `tfsdk:"name_prefix"`
	Group      types.String `tfsdk:"group"`
}

// ListResourceConfigSchema says how scopes are selected.
func (l *scopeList) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Scopes of the account's own that fit all of the filters, by name, to find those to import. " +
			"Those that the platform defines cannot be managed and are not listed; the data source `postern_scopes` has them. Needs Terraform 1.14.",
		Attributes: map[string]schema.Attribute{
			"name_prefix": filterBy("Only scopes whose name begins with this."),
			"group":       filterBy("Only scopes of this group."),
		},
	}
}

// List streams the scopes.
func (l *scopeList) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	stream.Results = streamed(req, func(to *listing) (diags diag.Diagnostics) {
		var config scopeFilter
		diags.Append(req.Config.Get(ctx, &config)...)
		if diags.HasError() || !ready(l.backend, &diags) {
			return diags
		}
		catalogue, err := l.backend.Catalogue(ctx)
		if err != nil {
			explain(&diags, "read", "scope catalogue", "", err)
			return diags
		}
		for _, name := range catalogue.Names() {
			s, _ := catalogue.Get(name)
			if !catalogue.Own[name] || !strings.HasPrefix(name, config.NamePrefix.ValueString()) || !is(config.Group, s.Group) {
				continue
			}
			if !to.add(ctx, l.found(backend.Scope{Scope: s, EffectiveScopes: catalogue.Effective([]string{name})})) {
				break
			}
		}
		return diags
	})
}

func (l *scopeList) found(s backend.Scope) found {
	return found{
		called: s.Name, identity: scopeIdentity{Name: types.StringValue(s.Name)},
		fill: func(ctx context.Context, to *tfsdk.Resource) diag.Diagnostics {
			var state customScopeModel
			diags := to.Get(ctx, &state)
			account, ok := readAccount(ctx, l.backend, "read", nounScope, s.Name, &diags)
			if !ok {
				return diags
			}
			state.fill(s)
			state.AccountID = accountIDOf(account, types.StringUnknown())
			diags.Append(to.Set(ctx, &state)...)
			return diags
		},
	}
}
