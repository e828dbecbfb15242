package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

var _ list.ListResourceWithConfigure = (*apiKeyList)(nil)

// NewAPIKeyListResource returns the list of postern_apikey.
func NewAPIKeyListResource() list.ListResource { return &apiKeyList{} }

// NewSubaccountAPIKeyListResource returns the list of postern_subaccount_apikey.
func NewSubaccountAPIKeyListResource() list.ListResource {
	return &apiKeyList{apiKeyResource{ofSubaccount: true}}
}

// apiKeyList is both lists of keys: they differ in where they look.
type apiKeyList struct{ apiKeyResource }

// keyFilter is the configuration of a list of keys.
type keyFilter struct {
	Name       types.String `tfsdk:"name"`
	NamePrefix types.String `tfsdk:"name_prefix"`
	Status     types.String `tfsdk:"status"`
	Scope      types.String `tfsdk:"scope"`
}

// placedKeyFilter is the same for keys of sub-accounts.
type placedKeyFilter struct {
	Subaccount types.String `tfsdk:"subaccount"` // null for those of all of them
	keyFilter
}

// ListResourceConfigSchema says how keys are selected.
func (l *apiKeyList) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "API keys of the account that fit all of the filters, oldest first, to find those to import. " +
			"A result is called by the key's name and id. No secret is listed: nobody can read one back. Needs Terraform 1.14.",
		Attributes: map[string]schema.Attribute{
			"name":        filterBy("Only keys of exactly this name."),
			"name_prefix": filterBy("Only keys whose name begins with this."),
			"status":      filterBy("Only keys of this status: `active`, `inactive`, `expired` or `locked`.", keyStatus()),
			"scope":       filterBy("Only keys that were given this scope by its name, not by implication."),
		},
	}
	if l.ofSubaccount {
		resp.Schema.MarkdownDescription = "API keys of one sub-account, or of all of them, that fit all of the filters, to find those to import. " +
			"A result is called by the key's name and id and its sub-account. No secret is listed: nobody can read one back. Needs Terraform 1.14."
		resp.Schema.Attributes["subaccount"] = filterBy("Only keys of the sub-account of this handle.")
	}
}

// List streams the keys.
func (l *apiKeyList) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	stream.Results = streamed(req, func(to *listing) (diags diag.Diagnostics) {
		var config placedKeyFilter
		if l.ofSubaccount {
			diags.Append(req.Config.Get(ctx, &config)...)
		} else {
			diags.Append(req.Config.Get(ctx, &config.keyFilter)...)
		}
		if diags.HasError() || !l.ready(&diags) || !l.checked(ctx, config, &diags) {
			return diags
		}
		for _, place := range l.places(ctx, config, &diags) {
			if !l.of(ctx, place, config, to, &diags) {
				break
			}
		}
		return diags
	})
}

// checked reports whether the filters can find anything.
func (l *apiKeyList) checked(ctx context.Context, config placedKeyFilter, diags *diag.Diagnostics) bool {
	if config.Scope.IsNull() {
		return true
	}
	catalogue, err := l.backend.Catalogue(ctx)
	if err != nil {
		explain(diags, "read", "scope catalogue", "", err)
		return false
	}
	return knownScope(catalogue, config.Scope, diags)
}

// places are the handles of the sub-accounts to look through; "" is the account.
func (l *apiKeyList) places(ctx context.Context, config placedKeyFilter, diags *diag.Diagnostics) []string {
	if !l.ofSubaccount || !config.Subaccount.IsNull() {
		return []string{config.Subaccount.ValueString()}
	}
	account, err := l.backend.Account(ctx)
	switch {
	case err != nil:
		explain(diags, "read", "account", "", err)
		return nil
	case account.Subaccount != "": // the caller sees no other
		return []string{account.Subaccount}
	case account.Subaccounts == nil:
		noneToList(account, " The list postern_apikey finds its own.", diags)
		return nil
	}
	subs, err := l.backend.Subaccounts().List(ctx, backend.SubaccountFilter{})
	if errors.Is(err, backend.ErrForbidden) {
		diags.AddAttributeError(path.Root("subaccount"), "Missing sub-account", fmt.Sprintf("The credential may not list the sub-accounts: %v Set subaccount to the handle of one whose keys it may see.", err))
		return nil
	}
	if err != nil {
		explain(diags, "list", nounSubaccount+"s", "", err)
		return nil
	}
	var handles []string
	for _, sub := range subs {
		handles = append(handles, sub.Handle)
	}
	return handles
}

// of adds the keys of one place and reports whether more are wanted.
func (l *apiKeyList) of(ctx context.Context, place string, config placedKeyFilter, to *listing, diags *diag.Diagnostics) bool {
	keys, err := l.backend.Keys(place).List(ctx, backend.APIKeyFilter{
		Name: config.Name.ValueString(), NamePrefix: config.NamePrefix.ValueString(), Status: config.Status.ValueString(), Scope: config.Scope.ValueString(),
		Limit: to.limit(), Brief: !to.req.IncludeResource,
	})
	if errors.Is(err, backend.ErrNotFound) && l.ofSubaccount {
		_, gone := l.backend.Subaccounts().Get(ctx, place)
		switch {
		case !config.Subaccount.IsNull():
			noSuchSubaccount(diags, path.Root("subaccount"), config.Subaccount)
			return false
		case errors.Is(gone, backend.ErrNotFound): // since it was listed
			return true
		}
	}
	if errors.Is(err, backend.ErrUnsupported) && l.ofSubaccount && config.Subaccount.IsNull() {
		// One sub-account that cannot be asked must not hide all others.
		diags.AddWarning(fmt.Sprintf("The API keys of sub-account %q are not listed", place), err.Error())
		return true
	}
	if err != nil {
		explain(diags, "list", nounAPIKey+"s", l.where(place), err)
		return false
	}
	for _, key := range keys {
		if !to.add(ctx, l.found(place, key)) {
			return false
		}
	}
	return true
}

// where names a place in a message.
func (l *apiKeyList) where(place string) string {
	if l.ofSubaccount {
		return "of sub-account " + types.StringValue(place).String()
	}
	return ""
}

func (l *apiKeyList) found(place string, key backend.APIKey) found {
	id := types.StringValue(key.ID)
	called := (&apiKeyModel{Name: types.StringValue(key.Name)}).called(id)
	one := found{called: called, identity: apiKeyIdentity{ID: id}}
	if l.ofSubaccount {
		one.called, one.identity = called+" of "+place, placedKeyIdentity{Subaccount: types.StringValue(place), ID: id}
	}
	one.fill = func(ctx context.Context, to *tfsdk.Resource) diag.Diagnostics {
		var state placedKey
		diags := l.get(ctx, to, &state)
		if l.ofSubaccount {
			state.Subaccount = types.StringValue(place)
		}
		rules, _, err := l.rules(ctx)
		if err != nil {
			explain(&diags, "read", nounAPIKey, state.which(), err)
			return diags
		}
		state.fill(key, rules, apiKeyMemory{})
		state.readFacts(ctx, l.backend, rules)
		diags.Append(l.set(ctx, to, &state)...)
		return diags
	}
	return one
}
