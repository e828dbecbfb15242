package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

// ModifyPlan says all that can be known of what an apply will do. It asks the
// service what exists and what is allowed, but no clock decides what is planned:
// Terraform plans once more during the apply and both must agree.
func (r *apiKeyResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		r.destroyed(ctx, req, &resp.Diagnostics)
		return // a destroy has nothing to compute
	}
	p := apiKeyPlan{ofSubaccount: r.ofSubaccount, backend: r.backend, coming: r.coming, policy: r.policy, creates: r.creates, named: r.named, diags: &resp.Diagnostics, create: req.State.Raw.IsNull()}
	resp.Diagnostics.Append(r.get(ctx, req.Plan, &p.plan)...)
	if !p.create {
		resp.Diagnostics.Append(r.get(ctx, req.State, &p.state)...)
		p.memory = readPrivate[apiKeyMemory](ctx, req.Private, &resp.Diagnostics)
	}
	if !resp.Diagnostics.HasError() && !p.memory.checkRead(p.state, &resp.Diagnostics) {
		return
	}
	configured := configuredFor(ctx, req.Config, &resp.Diagnostics)
	p.settle(ctx, req.Config, r.subaccount)
	if resp.Diagnostics.HasError() {
		return
	}
	p.plan.SecretWO = types.StringNull()
	p.touched = p.create || p.plan.Status.IsUnknown()
	p.ask(ctx)
	if p.plan.AccountID = planAccountID(p.account, p.state.AccountID); !p.create && p.account != nil && !r.checkOwner(*p.account, p.state, p.memory, &resp.Diagnostics) {
		return
	}
	p.choice(configured.scopes)
	p.scopes(ctx)
	p.rules(ctx)
	if p.create {
		p.created()
	} else {
		p.changed(ctx)
		p.goes()
	}
	p.chosen(configured.secret)
	p.owner()
	p.rights()
	p.lifetime()
	p.namesakes(ctx)
	p.limit()
	p.policed(ctx)
	resp.Diagnostics.Append(r.set(ctx, &resp.Plan, &p.plan)...)
	resp.RequiresReplace = append(resp.RequiresReplace, p.replace...)
}

type apiKeyPlan struct {
	ofSubaccount bool

	backend backend.Backend
	coming  *comingSubaccounts
	policy  policy
	creates *creates
	named   *namesakes
	diags   *diag.Diagnostics
	create  bool
	plan    placedKey
	state   placedKey
	memory  apiKeyMemory
	replace path.Paths

	account *backend.Account // with the rules of the key's place; nil when it could not be asked for
	touched bool             // the configuration or a default changes something
	mints   bool             // the apply surely makes a new secret
}

// scopes checks the scopes against the catalogue and computes what they really
// grant.
func (p *apiKeyPlan) scopes(ctx context.Context) {
	names, known := stringsOf(p.plan.Scopes)
	p.plan.EffectiveScopes = types.SetUnknown(types.StringType)
	if !p.create && p.plan.Scopes.Equal(p.state.Scopes) {
		p.plan.EffectiveScopes = p.state.EffectiveScopes
	}
	if p.backend == nil || !known {
		return
	}
	catalogue, err := readCatalogue(ctx, p.backend)
	if err != nil {
		unchecked(p.diags, "scope catalogue", err)
		return
	}
	at := path.Root("scopes")
	for _, name := range names {
		if err := catalogue.Check([]string{name}); err != nil {
			p.diags.AddAttributeError(at.AtSetValue(types.StringValue(name)), "Unknown scope",
				fmt.Sprintf("The %v. The data source postern_scopes lists what there is.", err))
		}
	}
	if classes := catalogue.Classes(names); len(classes) > 1 {
		p.diags.AddAttributeError(at, "Scopes of several classes", "A key never mixes the classes "+quoted(classes)+". Declare one key for each class.")
	}
	if p.diags.HasError() {
		return
	}
	p.redundant(catalogue.Catalogue)
	was := types.SetNull(types.StringType)
	if !p.create && p.plan.Scopes.Equal(p.state.Scopes) {
		was = p.state.EffectiveScopes
	}
	p.plan.EffectiveScopes = catalogue.granted(names, was)
	if !p.create {
		p.widening(catalogue.Effective(names))
	}
}

// created plans what a new key will be.
func (p *apiKeyPlan) created() {
	p.mints = true
	if p.account != nil && !p.account.Rules.Password {
		p.plan.Username = types.StringNull()
	}
	p.plan.RotationReason = types.StringNull()
	p.plan.SecretVersion = types.Int64Value(1)
	p.plan.PreviousID, p.plan.PreviousSecretExpiresAt = types.StringNull(), timetypes.NewRFC3339Null()
	p.plan.Status = p.status()
	if p.plan.Rotation.IsNull() {
		p.plan.RotatesAfter = timetypes.NewRFC3339Null()
	}
}

// status is what the key's status will be, where that does not hang on when the
// apply happens.
func (p *apiKeyPlan) status() types.String {
	switch {
	case !p.plan.ExpiresAt.IsNull() || p.plan.Enabled.IsUnknown():
		return types.StringUnknown()
	case p.plan.Enabled.ValueBool():
		return types.StringValue(backend.StatusActive)
	}
	return types.StringValue(backend.StatusInactive)
}

// changed plans what becomes of a key that exists.
func (p *apiKeyPlan) changed(ctx context.Context) {
	s := &p.state
	p.plan.ID, p.plan.CreatedAt, p.plan.Username = s.ID, s.CreatedAt, s.Username
	if !s.AutomaticScopes.IsNull() { // null in a state from before there were any
		p.plan.AutomaticScopes = s.AutomaticScopes
	}
	reason, known := p.rotationReason(ctx)
	p.plan.PreviousID = s.PreviousID
	if known && reason != "" && (p.keepsSecret() || p.replaces() && s.Status.ValueString() == backend.StatusExpired) {
		p.replaceExpired()
		return
	}
	if known && reason == "" {
		p.plan.Secret, p.plan.SecretHint, p.plan.SecretVersion = s.Secret, s.SecretHint, s.SecretVersion
		p.plan.SecretCreatedAt, p.plan.PreviousSecretExpiresAt = s.SecretCreatedAt, s.PreviousSecretExpiresAt
		p.plan.RotationReason = s.RotationReason
		p.plan.Status = p.statusUnrotated()
		p.plan.RotatesAfter = p.rotatesAfterUnrotated(ctx)
		p.retired()
		return
	}
	p.plan.Secret, p.plan.SecretHint = types.StringUnknown(), types.StringUnknown()
	p.plan.SecretCreatedAt, p.plan.PreviousSecretExpiresAt = timetypes.NewRFC3339Unknown(), timetypes.NewRFC3339Unknown()
	p.plan.SecretVersion, p.plan.RotationReason = types.Int64Unknown(), types.StringUnknown()
	p.plan.RotatesAfter = timetypes.NewRFC3339Null()
	if !p.plan.Rotation.IsNull() {
		p.plan.RotatesAfter = timetypes.NewRFC3339Unknown()
	}
	p.plan.Status = p.status()
	p.replaced(ctx)
	if known {
		p.mints = true
		p.plan.SecretVersion = types.Int64Value(s.SecretVersion.ValueInt64() + 1)
		p.plan.RotationReason = types.StringValue(reason)
	}
}

func (p *apiKeyPlan) statusUnrotated() types.String {
	s := &p.state
	if p.touched && (p.account == nil || p.account.Rules.Password) {
		return types.StringUnknown() // wrong passwords may lock it before the apply
	}
	if p.plan.Enabled.Equal(s.Enabled) && p.plan.ExpiresAt.Equal(s.ExpiresAt) {
		return s.Status
	}
	return p.status()
}

// rotatesAfterUnrotated is known at plan: the secret that it counts from stays.
func (p *apiKeyPlan) rotatesAfterUnrotated(ctx context.Context) timetypes.RFC3339 {
	if p.plan.Rotation.IsNull() {
		return timetypes.NewRFC3339Null()
	}
	if _, ok := p.plan.rotation(ctx); !ok {
		return timetypes.NewRFC3339Unknown()
	}
	return p.plan.rotatesAfter(ctx, p.memory.SeenSince)
}

func quoted(names []string) string { return `"` + strings.Join(names, `", "`) + `"` }
