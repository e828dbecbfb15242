package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

var _ list.ListResourceWithConfigure = (*subaccountList)(nil)

// NewSubaccountListResource returns the list of postern_subaccount.
func NewSubaccountListResource() list.ListResource { return &subaccountList{} }

type subaccountList struct{ subaccountResource }

// subaccountFilter is the configuration of a list of sub-accounts.
type subaccountFilter struct {
	HandlePrefix types.String `tfsdk:"handle_prefix"`
	Status       types.String `tfsdk:"status"`
}

// ListResourceConfigSchema says how sub-accounts are selected.
func (l *subaccountList) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Sub-accounts of the account that fit all of the filters, oldest first, to find those to import. A result is called by the sub-account's name and handle. Needs Terraform 1.14.",
		Attributes: map[string]schema.Attribute{
			"handle_prefix": filterBy("Only sub-accounts whose handle begins with this."),
			"status":        filterBy("Only `active` or only `suspended` sub-accounts.", stringvalidator.OneOf(backend.SubaccountActive, backend.SubaccountSuspended)),
		},
	}
}

// List streams the sub-accounts.
func (l *subaccountList) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	stream.Results = streamed(req, func(to *listing) (diags diag.Diagnostics) {
		var config subaccountFilter
		diags.Append(req.Config.Get(ctx, &config)...)
		if diags.HasError() || !ready(l.backend, &diags) {
			return diags
		}
		account, err := l.backend.Account(ctx)
		if err != nil {
			explain(&diags, "read", "account", "", err)
			return diags
		}
		if account.Subaccounts == nil {
			noneToList(account, "", &diags)
			return diags
		}
		subs, err := l.backend.Subaccounts().List(ctx, backend.SubaccountFilter{
			HandlePrefix: config.HandlePrefix.ValueString(), Status: config.Status.ValueString(), Limit: to.limit(),
		})
		if err != nil {
			explain(&diags, "list", nounSubaccount+"s", "", err)
			return diags
		}
		for _, sub := range subs {
			if !to.add(ctx, l.found(sub)) {
				break
			}
		}
		return diags
	})
}

// noneToList says why the account has no sub-accounts to look through. The service would
// refuse the call, and not in words for whoever wrote the list.
func noneToList(account backend.Account, instead string, diags *diag.Diagnostics) {
	if account.Subaccount != "" {
		diags.AddError("The credential lists no sub-accounts", "It belongs to the sub-account "+account.Subaccount+" itself. Give the provider a credential of the account.")
		return
	}
	diags.AddError("The platform has no sub-accounts", "An account of platform "+account.Platform+" has no sub-accounts, and so no keys of theirs."+instead)
}

func (l *subaccountList) found(sub backend.Subaccount) found {
	one := found{called: sub.Handle, identity: subaccountIdentity{types.StringValue(sub.Handle)}}
	if sub.Name != "" {
		one.called = sub.Name + " (" + sub.Handle + ")"
	}
	one.fill = func(ctx context.Context, to *tfsdk.Resource) diag.Diagnostics {
		var state subaccountModel
		diags := to.Get(ctx, &state)
		account, ok := readAccount(ctx, l.backend, "read", nounSubaccount, sub.Handle, &diags)
		if !ok {
			return diags
		}
		rules, _, err := l.rules(ctx)
		if err != nil {
			explain(&diags, "read", nounSubaccount, sub.Handle, err)
			return diags
		}
		state.fill(sub, rules)
		state.AccountID = accountIDOf(account, types.StringUnknown())
		diags.Append(to.Set(ctx, &state)...)
		return diags
	}
	return one
}
