package provider

import (
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

// customScopeModel is postern_scope in configuration, plan and state.
type customScopeModel struct {
	Name            types.String `tfsdk:"name"`
	AccountID       types.String `tfsdk:"account_id"`
	Description     types.String `tfsdk:"description"`
	Group           types.String `tfsdk:"group"`
	Class           types.String `tfsdk:"class"`
	Implies         types.Set    `tfsdk:"implies"`
	EffectiveScopes types.Set    `tfsdk:"effective_scopes"`
	APIKeysTouched  types.Int64  `tfsdk:"apikeys_touched"`
}

// fill takes over what the service says, spelt as it was before where that means the
// same. How many keys were touched is no business of a refresh: it would
// change with every key.
func (m *customScopeModel) fill(s backend.Scope) {
	m.Name = types.StringValue(s.Name)
	m.Description = textLike(m.Description, s.Description)
	m.Group = types.StringValue(s.Group)
	m.Class = types.StringValue(s.Class)
	m.Implies = setLike(m.Implies, s.Implies)
	m.EffectiveScopes = stringSet(s.EffectiveScopes)
}

// setLike is the set, and for an empty one null unless prior is empty too: left out
// and set to [] are the same to the service, and not to Terraform.
func setLike(prior types.Set, names []string) types.Set {
	if len(names) == 0 && (prior.IsNull() || prior.IsUnknown()) {
		return types.SetNull(types.StringType)
	}
	return stringSet(names)
}

// change is what the plan changes, in one request.
func (m *customScopeModel) change(plan customScopeModel) backend.ScopeChange {
	var c backend.ScopeChange
	if text := plan.Description.ValueString(); text != m.Description.ValueString() {
		c.Description = &text
	}
	if text := plan.Group.ValueString(); text != m.Group.ValueString() {
		c.Group = &text
	}
	was, _ := stringsOf(m.Implies)
	if is, _ := stringsOf(plan.Implies); !slices.Equal(was, is) {
		is = scope.Normal(is) // never nil: [] is what takes all away
		c.Implies = &is
	}
	return c
}

// keepPlanned keeps the effective scopes that the plan showed, as Terraform allows no
// other value any more. They differ only when the catalogue was changed between plan
// and apply: a warning tells, and so does the next plan.
func (m *customScopeModel) keepPlanned(planned types.Set, diags *diag.Diagnostics) {
	if planned.IsUnknown() || planned.Equal(m.EffectiveScopes) {
		return
	}
	granted, _ := stringsOf(m.EffectiveScopes)
	diags.AddAttributeWarning(path.Root("effective_scopes"), "The scope catalogue changed between plan and apply",
		fmt.Sprintf("Scope %s really grants %s. The next plan shows this.", m.Name, quoted(granted)))
	m.EffectiveScopes = planned
}

// touched is how many keys a change of what the scope grants touches; null for none.
func touched(keys int) types.Int64 {
	if keys == 0 {
		return types.Int64Null()
	}
	return types.Int64Value(int64(keys))
}
