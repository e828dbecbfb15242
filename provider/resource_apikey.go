package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/plan"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

var (
	_ resource.ResourceWithConfigure      = (*apiKeyResource)(nil)
	_ resource.ResourceWithValidateConfig = (*apiKeyResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*apiKeyResource)(nil)
	_ resource.ResourceWithImportState    = (*apiKeyResource)(nil)
	_ resource.ResourceWithIdentity       = (*apiKeyResource)(nil)
)

var objectOptions = basetypes.ObjectAsOptions{}

// NewAPIKeyResource returns postern_apikey.
func NewAPIKeyResource() resource.Resource { return &apiKeyResource{} }

// NewSubaccountAPIKeyResource returns postern_subaccount_apikey.
func NewSubaccountAPIKeyResource() resource.Resource { return &apiKeyResource{ofSubaccount: true} }

// apiKeyResource is both resources: they differ in where their keys are.
type apiKeyResource struct {
	ofSubaccount bool
	backend      backend.Backend
	subaccount   types.String // the provider's
	coming       *comingSubaccounts
	policy       plan.Policy
	creates      *creates
	named        *namesakes
	again        *accountAgain
	names        *names
}

func (r *apiKeyResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_apikey"
	if r.ofSubaccount {
		resp.TypeName = req.ProviderTypeName + "_subaccount_apikey"
	}
	// Where a rotation makes a new key, the id changes within the resource's life.
	resp.ResourceBehavior.MutableIdentity = true
}

func (r *apiKeyResource) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	if data, ok := req.ProviderData.(*configured); ok {
		r.backend, r.subaccount, r.coming, r.policy = data.backend, data.subaccount, &data.coming, data.policy
		r.creates, r.named, r.again, r.names = &data.creates, &data.named, &data.again, &data.names
	}
}

func (r *apiKeyResource) ready(diags *diag.Diagnostics) bool { return ready(r.backend, diags) }

func (r *apiKeyResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan placedKey
	resp.Diagnostics.Append(r.get(ctx, req.Plan, &plan)...)
	chosen := writeOnly(ctx, req.Config, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || !r.ready(&resp.Diagnostics) {
		return
	}
	rules, now, err := r.rules(ctx)
	if err != nil {
		explain(&resp.Diagnostics, "create", nounAPIKey, plan.which(), err)
		return
	}
	if !r.checkOwner(rules.account, plan, apiKeyMemory{}, &resp.Diagnostics) || !r.again.check(ctx, r.backend, rules.account, nounAPIKey, plan.which(), &resp.Diagnostics) {
		return
	}
	ctx, done := uninterrupted(ctx)
	defer done()
	naming := r.naming(plan, rules)
	issued, wait, err := naming.create(ctx, rules.input(plan.apiKeyModel, secret.From(chosen.ValueString())))
	if r.ofSubaccount && errors.Is(err, backend.ErrNotFound) {
		resp.Diagnostics.AddAttributeError(path.Root("subaccount"), "Unable to create API key",
			fmt.Sprintf("There is no sub-account %s. Refer to the handle of a postern_subaccount so that it is made first, or correct the handle.", plan.Subaccount))
		return
	}
	if err != nil {
		explain(&resp.Diagnostics, "create", nounAPIKey, plan.which(), err)
		return
	}
	resp.Diagnostics.Append(r.saveIssued(ctx, &resp.State, plan, issued)...)
	warnUnfinished(issued, &resp.Diagnostics)
	if wait != nil {
		issued.Revision = naming.take(ctx, issued.ID, *wait, issued.Revision, &resp.Diagnostics)
	}
	asked, planned := plan.Scopes, plan.EffectiveScopes
	memory := apiKeyMemory{ID: rules.named(issued.ID), Revision: issued.Revision, Place: r.place(rules.account), RotationName: newRotationName(rules)}
	plan.fill(issued.APIKey, rules, memory)
	plan.madeAt(now)
	if checkGranted(r.policy, plan.apiKeyModel, planned, false, &resp.Diagnostics) {
		plan.keepScopes(asked, &resp.Diagnostics)
		plan.keepPlanned(planned, &resp.Diagnostics)
	}
	plan.takeSecret(issued)
	plan.RotationReason = types.StringNull()
	plan.RotatesAfter = plan.rotatesAfter(nil)
	plan.takeFacts(ctx, r.backend, plan.apiKeyModel, rules, r.policy)
	resp.Diagnostics.Append(r.set(ctx, &resp.State, &plan)...)
	resp.Diagnostics.Append(r.identify(ctx, resp.Identity, plan)...)
	r.made(plan, rules)
	// What cannot be remembered now is remembered at the next refresh: an error here would
	// have a key replaced that was made as asked.
	r.readMarks(ctx, plan, &memory, &diag.Diagnostics{})
	resp.Diagnostics.Append(writePrivate(ctx, resp.Private, memory)...)
}

// saveIssued puts the id and the secret of a new key into the state before anything is
// computed from the answer: whatever goes wrong after this, nothing that was minted is lost.
func (r *apiKeyResource) saveIssued(ctx context.Context, to *tfsdk.State, plan placedKey, issued backend.IssuedAPIKey) diag.Diagnostics {
	plan.withoutUnknown()
	plan.ID = types.StringValue(issued.ID)
	plan.takeSecret(issued)
	return r.set(ctx, to, &plan)
}

func (r *apiKeyResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state placedKey
	resp.Diagnostics.Append(r.get(ctx, req.State, &state)...)
	if resp.Diagnostics.HasError() || !r.ready(&resp.Diagnostics) || !checkNamed(state.ID, "id", nounAPIKey, &resp.Diagnostics) {
		return
	}
	memory := readPrivate[apiKeyMemory](ctx, req.Private, &resp.Diagnostics)
	if memory.Moved && !r.placeMoved(&state, &resp.Diagnostics) {
		return
	}
	// Before all else, also before a removal: Terraform before 1.12 refuses
	// an answer without it.
	resp.Diagnostics.Append(r.identify(ctx, resp.Identity, state)...)
	account, ok := readAccount(ctx, r.backend, "read", nounAPIKey, state.which(), &resp.Diagnostics)
	if ok {
		correctAccount(account, &state.AccountID, nounAPIKey, state.which(), func() bool { return r.isHere(ctx, state) }, &resp.Diagnostics)
	}
	if !ok || !r.checkOwner(account, state, memory, &resp.Diagnostics) {
		return
	}
	key, err := r.keys(state).Refresh(ctx, state.ID.ValueString())
	if errors.Is(err, backend.ErrNotFound) {
		if memory.Moved {
			missesMoved(state, &resp.Diagnostics)
			return
		}
		if !state.Status.IsNull() && !r.believesMiss(ctx, account, state, memory, &resp.Diagnostics) { // an import has no status yet
			return
		}
		if key, err = r.goBack(ctx, &state, &memory, &resp.Diagnostics); errors.Is(err, backend.ErrNotFound) {
			if !state.Status.IsNull() { // an import says it by itself
				resp.Diagnostics.AddWarning("API key is gone",
					fmt.Sprintf("Key %s is not there any more, also at a second look: it was deleted outside of Terraform. Unless it is removed from the configuration, the plan makes a new key.", state.called(state.ID)))
			}
			resp.State.RemoveResource(ctx)
			return
		}
	}
	var rules keyRules
	var now time.Time
	if err == nil {
		rules, now, err = r.rules(ctx)
	}
	if err == nil {
		err = r.readPrevious(ctx, &state, &memory, now)
	}
	if err != nil {
		explain(&resp.Diagnostics, "read", nounAPIKey, state.which(), err)
		return
	}
	if !r.readMarks(ctx, state, &memory, &resp.Diagnostics) {
		return
	}
	r.met(state, rules)
	before := state
	unclaimed := memory.isUnclaimed(state, key)
	if v := state.SecretVersion; !unclaimed && !v.IsNull() && v.ValueInt64() != memory.version(key) && !state.Secret.IsNull() {
		state.Secret = types.StringNull()
		resp.Diagnostics.AddAttributeWarning(path.Root("secret"), "API key was rotated outside of Terraform",
			fmt.Sprintf("Key %s is at secret version %d; the state holds version %d. The current secret is known only to whoever rotated it, so secret is null from now on. To get a secret into the state again, change rotate_when_changed.",
				state.ID.ValueString(), memory.version(key), v.ValueInt64()))
	}
	state.fill(key, rules, memory)
	revision := key.Revision
	if memory.Unclaimed = false; unclaimed {
		state.keepUnclaimed(before, &memory, &resp.Diagnostics)
		revision = memory.Revision // the lost rotation was asked for at this one
	}
	if state.SecretCreatedAt.IsNull() && memory.SeenSince == nil {
		memory.SeenSince = &now
	}
	state.RotatesAfter = state.rotatesAfter(memory.SeenSince)
	state.readFacts(ctx, r.backend, rules)
	resp.Diagnostics.Append(r.set(ctx, &resp.State, &state)...)
	resp.Diagnostics.Append(r.identify(ctx, resp.Identity, state)...)
	memory.ID = rules.named(key.ID)
	memory.Revision, memory.Place, memory.Moved = revision, r.place(account), false
	if memory.RotationName == "" {
		memory.RotationName = newRotationName(rules)
	}
	memory.observe(timeOf(state.RotatesAfter), now)
	resp.Diagnostics.Append(writePrivate(ctx, resp.Private, memory)...)
}

// rules are those for the keys of this resource, and the service's clock.
func (r *apiKeyResource) rules(ctx context.Context) (keyRules, time.Time, error) {
	account, err := r.backend.Account(ctx)
	if err != nil {
		return keyRules{}, time.Time{}, err
	}
	now, err := r.backend.Now(ctx)
	return keyRules{account.KeyRules(r.ofSubaccount), account}, now, err
}

// checkOwner refuses a credential of another account or sub-account than the key's.
func (r *apiKeyResource) checkOwner(account backend.Account, key placedKey, memory apiKeyMemory, diags *diag.Diagnostics) bool {
	if !checkAccount(account, key.AccountID, nounAPIKey, key.which(), diags) {
		return false
	}
	switch {
	case r.ofSubaccount && account.Subaccount != "":
		return checkPlace(account.Subaccount, key.Subaccount.ValueString(), nounAPIKey, key.which(), diags)
	case !r.ofSubaccount && memory.Place != nil:
		return checkPlace(account.Subaccount, *memory.Place, nounAPIKey, key.which(), diags)
	}
	return true
}

// believesMiss reports whether a key that the service does not find is gone, and not only out
// of sight of a credential of another account.
func (r *apiKeyResource) believesMiss(ctx context.Context, account backend.Account, key placedKey, memory apiKeyMemory, diags *diag.Diagnostics) bool {
	return isProven(account, key.AccountID) || checkMissKnown(account, key.AccountID, nounAPIKey, key.which(), diags) &&
		checkMissMarked(ctx, r.backend, key.Subaccount.ValueString(), memory.Marks, nounAPIKey, key.which(), diags)
}

// place is the sub-account whose keys the credential sees as its own; nil where the
// resource names one itself.
func (r *apiKeyResource) place(account backend.Account) *string {
	if r.ofSubaccount {
		return nil
	}
	return &account.Subaccount
}

// observe keeps whether the key is due, by the service's clock.
func (m *apiKeyMemory) observe(due *time.Time, now time.Time) {
	isDue := due != nil && !now.Before(*due) && (m.NotBefore == nil || !now.Before(*m.NotBefore))
	switch {
	case !isDue:
		m.DueSince = nil
	case m.DueSince == nil:
		m.DueSince = &now
	}
}

func (r *apiKeyResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state placedKey
	resp.Diagnostics.Append(r.get(ctx, req.Plan, &plan)...)
	resp.Diagnostics.Append(r.get(ctx, req.State, &state)...)
	chosen := writeOnly(ctx, req.Config, &resp.Diagnostics)
	memory := readPrivate[apiKeyMemory](ctx, req.Private, &resp.Diagnostics)
	// Also where nothing is said to the service: Terraform before 1.12
	// refuses an answer without it.
	resp.Diagnostics.Append(r.identify(ctx, resp.Identity, state)...)
	if resp.Diagnostics.HasError() || !r.ready(&resp.Diagnostics) || !checkNamed(state.ID, "id", nounAPIKey, &resp.Diagnostics) {
		return
	}
	rules, _, err := r.rules(ctx)
	if err != nil {
		explain(&resp.Diagnostics, "update", nounAPIKey, state.which(), err)
		return
	}
	if !memory.checkRead(state, &resp.Diagnostics) || !r.checkOwner(rules.account, state, memory, &resp.Diagnostics) {
		return
	}
	replaced := rules.Replace && plan.SecretVersion.ValueInt64() > state.SecretVersion.ValueInt64()
	if replaced && memory.Mark != "" && !r.checkMarked(ctx, rules.account, state, memory, &resp.Diagnostics) {
		return
	}
	ctx, done := uninterrupted(ctx)
	defer done()
	u := apiKeyUpdate{backend: r.backend, policy: r.policy, keys: r.keys(state), naming: r.naming(state, rules), rules: rules, plan: plan, secret: secret.From(chosen.ValueString()), state: state, memory: memory}
	u.run(ctx, &resp.Diagnostics)
	u.settleNames(ctx, state, &resp.Diagnostics)
	// What was done stands in the state, also when a later step failed: a
	// secret that was minted must never be lost.
	resp.Diagnostics.Append(r.set(ctx, &resp.State, &u.state)...)
	resp.Diagnostics.Append(r.identify(ctx, resp.Identity, u.state)...)
	resp.Diagnostics.Append(writePrivate(ctx, resp.Private, u.memory)...)
}

// writeOnly is what secret_wo holds. It is in the configuration only: neither a plan
// nor a state ever has it.
func writeOnly(ctx context.Context, config tfsdk.Config, diags *diag.Diagnostics) types.String {
	var secret types.String
	diags.Append(config.GetAttribute(ctx, path.Root("secret_wo"), &secret)...)
	return secret
}
