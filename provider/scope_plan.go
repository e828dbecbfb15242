package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/claims"
	"github.com/postern-dev/terraform-provider-postern/internal/plan"
	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

// ModifyPlan says all that can be known of what an apply will do, and notes it for
// the plans of what refers to the scope.
func (r *scopeResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var account *backend.Account
	if r.backend != nil {
		if known, err := r.backend.Account(ctx); err == nil { // what follows says what is wrong else
			account = &known
		}
	}
	p := scopePlan{backend: r.backend, names: r.names.sole(claims.Scope, nounScope, "name", &resp.Diagnostics), diags: &resp.Diagnostics, create: req.State.Raw.IsNull()}
	p.memory = readPrivate[scopeMemory](ctx, req.Private, &resp.Diagnostics) // of a new scope that of the one which it replaces
	if !p.create {
		resp.Diagnostics.Append(req.State.Get(ctx, &p.state)...)
	}
	if resp.Diagnostics.HasError() || account != nil && !p.create && !checkAccount(*account, p.state.AccountID, nounScope, p.state.Name.String(), &resp.Diagnostics) {
		return
	}
	if req.Plan.Raw.IsNull() {
		p.names.goes(p.state.Name.ValueString())
		return // a destroy has nothing to compute
	}
	resp.Diagnostics.Append(req.Plan.Get(ctx, &p.plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	p.plan.AccountID = planAccountID(account, p.state.AccountID, p.create)
	p.run(ctx)
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &p.plan)...)
}

type scopePlan struct {
	backend backend.Backend
	names   soleName
	diags   *diag.Diagnostics
	create  bool
	plan    customScopeModel
	state   customScopeModel
	memory  scopeMemory
}

func (p *scopePlan) run(ctx context.Context) {
	if p.plan.EffectiveScopes = types.SetUnknown(types.StringType); p.create {
		p.plan.APIKeysTouched = types.Int64Null()
	} else {
		p.plan.APIKeysTouched = p.state.APIKeysTouched
	}
	if p.backend == nil {
		return
	}
	if !p.create {
		p.names.stays(p.state.Name, p.plan.Name)
		if !p.plan.Name.Equal(p.state.Name) || !p.plan.Class.Equal(p.state.Class) {
			return // Terraform plans once more, for the new scope
		}
	}
	if !p.allowed(ctx) || p.plan.Name.IsUnknown() || p.plan.Class.IsUnknown() {
		return
	}
	catalogue, err := readCatalogue(ctx, p.backend)
	if err != nil {
		unchecked(p.diags, "scope catalogue", err)
		return
	}
	if p.create {
		p.newName(ctx, catalogue)
	}
	p.define(ctx, catalogue)
}

// allowed reports whether the platform and the caller's rights let the apply go
// through.
func (p *scopePlan) allowed(ctx context.Context) bool {
	rules, err := p.backend.Scopes().Rules(ctx)
	if err == nil && rules.Define && rules.Write {
		return true
	}
	account, accountErr := p.backend.Account(ctx)
	if err = errors.Join(err, accountErr); err != nil {
		unchecked(p.diags, "account", err)
		return false
	}
	if !rules.Define {
		p.diags.AddAttributeError(path.Root("name"), "Scopes are fixed on this platform",
			"The scopes of platform "+account.Platform+" are its own: accounts define none. The data source postern_scopes lists what there is.")
		return false
	}
	p.diags.AddError("The credential cannot define scopes", `It lacks the right "scopes:write". Use an owner credential, or a key whose scopes give that right.`)
	return false
}

// newName refuses a name that is taken.
func (p *scopePlan) newName(ctx context.Context, catalogue *comingCatalogue) {
	name := p.plan.Name.ValueString()
	if _, taken := catalogue.now.Get(name); !p.names.comes(name, p.memory.Name) || !taken {
		return
	}
	at := path.Root("name")
	if found, err := p.backend.Scopes().Get(ctx, name); err == nil && found.Builtin {
		p.diags.AddAttributeError(at, "The platform has this scope itself", fmt.Sprintf("Scope %q is built in and cannot be defined. Choose another name, and let that scope imply this one.", name))
		return
	}
	if p.names.exists(ctx, name, p.memory.Name) {
		p.diags.AddAttributeError(at, "The scope exists already", fmt.Sprintf("The account has a scope %q. Choose another name, or import that scope by its name. %s", name, elsewhere))
	}
}

// define checks what the scope implies, computes what it will grant, and notes it.
func (p *scopePlan) define(ctx context.Context, catalogue *comingCatalogue) {
	implied, known := stringsOf(p.plan.Implies)
	planned := backend.PlannedScope{Open: !known, Scope: scope.Scope{
		Name: p.plan.Name.ValueString(), Description: p.plan.Description.ValueString(), Group: p.plan.Group.ValueString(),
		Class: p.plan.Class.ValueString(), Implies: implied,
	}}
	redefined := p.create || !known || !sameSet(p.plan.Implies, p.state.Implies)
	if redefined && !p.sound(catalogue, planned) {
		return
	}
	if redefined {
		catalogue.planned.Plan(planned)
		coming, err := catalogue.planned.Over(catalogue.now)
		if err != nil {
			p.diags.AddAttributeError(path.Root("implies"), "Scopes contradict each other", fmt.Sprintf("With the other scopes of this plan: %v.", err))
			return
		}
		catalogue.Catalogue = coming
	}
	was := plan.NullSet()
	if !redefined {
		was = toSet(p.state.EffectiveScopes)
	}
	p.plan.EffectiveScopes = fromSet(catalogue.forPlan().Granted([]string{planned.Name}, was), p.plan.EffectiveScopes)
	if redefined {
		p.power(ctx, catalogue)
	}
}

// sound reports whether what is implied exists, is of the same class and does not lead
// back.
func (p *scopePlan) sound(catalogue *comingCatalogue, planned backend.PlannedScope) bool {
	at, before := path.Root("implies"), p.diags.ErrorsCount()
	for _, name := range planned.Implies {
		member := at.AtSetValue(types.StringValue(name))
		if name == planned.Name {
			continue // a cycle
		}
		if err := catalogue.Check([]string{name}); err != nil {
			p.diags.AddAttributeError(member, "Unknown scope", fmt.Sprintf("The %v. The data source postern_scopes lists what there is.", err))
		} else if other, _ := catalogue.Get(name); other.Class != planned.Class {
			p.diags.AddAttributeError(member, "Scope of another class",
				fmt.Sprintf("Scope %q is of class %q and this one is of class %q. Keys never mix classes.", name, other.Class, planned.Class))
		}
	}
	if p.diags.ErrorsCount() > before {
		return false
	}
	if _, err := catalogue.planned.With(catalogue.now, planned); err != nil {
		p.diags.AddAttributeError(at, "The scope implies itself", fmt.Sprintf("The %v. Take one of these out.", faultOf(err, planned.Name)))
		return false
	}
	return true
}

// faultOf is what is wrong with that scope, of all that is wrong: on a cycle every scope
// has the same fault, told from that one on.
func faultOf(err error, name string) error {
	if all, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range all.Unwrap() {
			var fault *scope.DefinitionError
			if errors.As(one, &fault) && slices.Contains(fault.Cycle, name) {
				return &scope.DefinitionError{Name: name, Reason: "implies itself: " + fault.Path(name)}
			}
			if errors.As(one, &fault) && fault.Name == name {
				return fault
			}
		}
	}
	return err
}

// power judges a new definition: whether the caller may make it, and what it does to the
// keys that hold the scope.
func (p *scopePlan) power(ctx context.Context, catalogue *comingCatalogue) {
	name := p.plan.Name.ValueString()
	is, known := stringsOf(p.plan.EffectiveScopes)
	if !known {
		if !p.create {
			p.plan.APIKeysTouched = types.Int64Unknown()
		}
		return
	}
	var was []string
	if !p.create {
		was = catalogue.now.Effective([]string{name})
	}
	p.mayDefine(ctx, scope.Added([]string{name}, append(was, is...)))
	gained, lost := scope.Added(was, is), scope.Added(is, was)
	if p.create || len(gained)+len(lost) == 0 {
		return
	}
	holders := "How many keys hold it the credential may not know."
	switch keys := p.memory.APIKeys; {
	case keys == nil:
		p.plan.APIKeysTouched = types.Int64Unknown()
	case *keys == 0:
		p.plan.APIKeysTouched = types.Int64Null()
		return
	default:
		p.plan.APIKeysTouched = touched(*keys)
		holders = fmt.Sprintf("API keys that hold it, by name or by implication: %d.", *keys)
	}
	p.diags.AddAttributeWarning(path.Root("implies"), "A scope changes what API keys may do", fmt.Sprintf("%s Whoever holds scope %q %s, at once.", holders, name, changes(gained, lost)))
}

// changes says in words what is gained and lost.
func changes(gained, lost []string) string {
	switch {
	case len(lost) == 0:
		return "gains " + quoted(gained)
	case len(gained) == 0:
		return "loses " + quoted(lost)
	}
	return "gains " + quoted(gained) + " and loses " + quoted(lost)
}

// mayDefine refuses what the service would: to define by a scope what one may not grant.
func (p *scopePlan) mayDefine(ctx context.Context, names []string) {
	account, err := p.backend.Account(ctx)
	if err != nil {
		unchecked(p.diags, "account", err)
		return
	}
	missing := scope.Added(account.Scopes, names)
	switch {
	case account.Owner || len(missing) == 0:
	case !account.APIKey:
		p.diags.AddAttributeError(path.Root("implies"), "The credential cannot define this scope",
			"It is limited to some rights and grants nothing, by scopes neither. Use an owner credential, or a key that holds "+quoted(missing)+".")
	default:
		p.diags.AddAttributeError(path.Root("implies"), "The credential cannot define this scope",
			"Nobody defines a scope that grants more than they hold, and the provider's credential does not hold "+quoted(missing)+". Imply less, or use a credential that holds them.")
	}
}

// sameSet reports whether both have the same members; null has none.
func sameSet(a, b types.Set) bool {
	return len(a.Elements()) == 0 && len(b.Elements()) == 0 || a.Equal(b)
}
