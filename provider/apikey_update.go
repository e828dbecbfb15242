package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/plan"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// apiKeyUpdate carries out a planned change in up to two requests. After each,
// state and memory hold what has really happened.
type apiKeyUpdate struct {
	backend backend.Backend
	keys    backend.Keys
	naming  naming
	wait    *taken // a name that the key is to get and another one still has
	policy  plan.Policy
	plan    placedKey
	rules   keyRules
	secret  secret.Secret // what secret_wo holds; the plan never does
	state   placedKey
	memory  apiKeyMemory
}

func (u *apiKeyUpdate) run(ctx context.Context, diags *diag.Diagnostics) {
	rotate := u.plan.SecretVersion.ValueInt64() > u.state.SecretVersion.ValueInt64()
	if rotate && u.rules.Replace && u.state.Status.ValueString() != backend.StatusExpired {
		if u.replace(ctx, diags) {
			u.finish(ctx, diags)
		}
		return
	}
	if !u.state.PreviousID.IsNull() && u.plan.PreviousID.IsNull() && !u.retire(ctx, diags) {
		return
	}
	if rotate && u.memory.Unclaimed {
		if !u.claim(ctx, diags) {
			return
		}
		rotate = false
	}
	if !u.state.PreviousID.IsNull() {
		if err := u.memory.confirmPrevious(u.state.PreviousID); err != nil {
			explain(diags, "update", nounAPIKey, u.state.which(), err)
			return
		}
		if !u.narrowPrevious(ctx, u.state.PreviousID, diags) {
			return
		}
	}
	change := u.change()
	var renewal *backend.Expiry
	if u.state.Status.ValueString() == backend.StatusExpired && rotate {
		// An expired key takes its new expiry with the rotation only.
		renewal = &backend.Expiry{At: timeOf(u.plan.ExpiresAt)}
		change.ExpiresAt = nil
	}
	if !change.Empty() || u.regranted() {
		key, wait, err := u.naming.update(ctx, u.state.ID.ValueString(), change, u.memory.Revision)
		if err != nil {
			explain(diags, "update", nounAPIKey, u.state.which(), err)
			return
		}
		u.wait = wait
		u.state.takeSettings(u.plan.apiKeyModel)
		u.state.fill(key, u.rules, u.memory)
		u.memory.Revision = key.Revision
	}
	if rotate {
		if !u.rotate(ctx, renewal, diags) {
			return
		}
	}
	u.finish(ctx, diags)
}

// narrowPrevious takes from the key that lives on beside this one what the plan takes away. It
// does so first: were it left to the end and failed there, no later plan would show it. What
// that key keeps is a part of what it holds now, which somebody may have changed.
func (u *apiKeyUpdate) narrowPrevious(ctx context.Context, previous types.String, diags *diag.Diagnostics) bool {
	before, _ := stringsOf(u.state.Scopes)
	after, _ := stringsOf(u.plan.Scopes)
	if keeps, narrows := plan.NarrowsPrevious(before, after); !narrows || len(keeps) == 0 || !u.rules.Replace || !u.rules.EditScopes {
		return true
	}
	key, err := u.keys.Refresh(ctx, previous.ValueString())
	if err == nil {
		switch keeps, narrows := plan.NarrowsPrevious(key.Scopes, after); {
		case !narrows:
		case len(keeps) == 0:
			diags.AddAttributeWarning(path.Root("previous_id"), fmt.Sprintf("API key %s keeps its scopes", key.ID),
				fmt.Sprintf("It lives on beside %s and holds %s, which is all that this apply takes away: a key without scopes cannot be. Whoever holds its secret may do that until it is deleted.", u.state.which(), quoted(key.Scopes)))
		default:
			_, err = u.keys.Update(ctx, key.ID, backend.APIKeyChange{Scopes: keeps}, key.Revision)
		}
	}
	if err != nil && !errors.Is(err, backend.ErrNotFound) {
		explain(diags, "update", nounAPIKey, previous.ValueString()+", which lives on beside "+u.state.which(), err)
		return false
	}
	return true
}

// settleNames gives the key the name that it could not get at once, when nothing else is to
// be done about it, and its old name to the key of this run that waits for that.
func (u *apiKeyUpdate) settleNames(ctx context.Context, before placedKey, diags *diag.Diagnostics) {
	if u.wait != nil {
		u.memory.Revision = u.naming.take(ctx, u.state.ID.ValueString(), *u.wait, u.memory.Revision, diags)
	}
	switch was := before.Name.ValueString(); {
	case u.plan.Name.ValueString() == was:
	case u.state.Name.ValueString() == was:
		u.naming.keeps(was, diags)
	default:
		u.naming.frees(ctx, was, diags)
	}
}

// change is what the plan changes about the key, in one request.
func (u *apiKeyUpdate) change() backend.APIKeyChange {
	var c backend.APIKeyChange
	if n := u.plan.Name.ValueString(); n != u.state.Name.ValueString() && !u.rules.NameInState {
		c.Name = &n
	}
	if d := u.plan.Description.ValueString(); d != u.state.Description.ValueString() && !u.rules.DescriptionInState {
		c.Description = &d
	}
	if !u.plan.Scopes.Equal(u.state.Scopes) {
		c.Scopes, _ = stringsOf(u.plan.Scopes)
	}
	if !u.plan.Enabled.Equal(u.state.Enabled) {
		c.Enabled = u.plan.Enabled.ValueBoolPointer()
	}
	before, after := timeOf(u.state.ExpiresAt), timeOf(u.plan.ExpiresAt)
	if (before == nil) != (after == nil) || before != nil && !before.Equal(*after) {
		c.ExpiresAt = &backend.Expiry{At: after}
	}
	return c
}

func (u *apiKeyUpdate) rotate(ctx context.Context, renewal *backend.Expiry, diags *diag.Diagnostics) bool {
	asked := lostRotation{Revision: u.memory.Revision, Overlap: u.plan.overlapOf(u.rules.MaxOverlap)}
	if renewal != nil {
		asked.Renewal, asked.ExpiresAt = true, renewal.At
	}
	issued, err := u.keys.Rotate(ctx, u.state.ID.ValueString(), asked.rotation(u.memory.RotationName, u.secret), asked.Revision)
	if err != nil {
		u.memory.LostRotation = &asked
		explain(diags, "rotate", nounAPIKey, u.state.which(), err)
		return false
	}
	u.memory = u.memory.afterRotation(issued.Revision, u.rules)
	u.state.fill(issued.APIKey, u.rules, u.memory)
	u.state.takeSecret(issued)
	return true
}

// takeSettings takes over from the plan how the settings are written.
func (m *apiKeyModel) takeSettings(plan apiKeyModel) {
	m.Name, m.Description, m.Scopes, m.Enabled, m.ExpiresAt = plan.Name, plan.Description, plan.Scopes, plan.Enabled, plan.ExpiresAt
}

// finish makes the state what was planned, when all was done.
func (u *apiKeyUpdate) finish(ctx context.Context, diags *diag.Diagnostics) {
	adopted := !u.plan.Rotation.Equal(u.state.Rotation)
	given := u.state.Scopes
	allowed := checkGranted(u.policy, u.state.apiKeyModel, u.plan.EffectiveScopes, true, diags)
	if allowed {
		u.state.keepScopes(u.plan.Scopes, diags)
		u.state.keepPlanned(u.plan.EffectiveScopes, diags)
	}
	if u.state.takeSettings(u.plan.apiKeyModel); !allowed {
		u.state.Scopes = given
	}
	if !u.plan.AccountID.IsUnknown() {
		u.state.AccountID = u.plan.AccountID
	}
	u.state.Rotation = u.plan.Rotation
	u.state.RotateWhenChanged = u.plan.RotateWhenChanged
	u.state.RotationReason = u.plan.RotationReason
	u.state.RotatesAfter = u.state.rotatesAfter(u.memory.SeenSince)
	if !u.plan.AutomaticScopes.IsUnknown() {
		// The platform may add others since the plan. They are no key's own
		// doing, and the next refresh shows them.
		u.state.AutomaticScopes = u.plan.AutomaticScopes
	}
	u.state.takeFacts(ctx, u.backend, u.plan.apiKeyModel, u.rules, u.policy)
	if !u.plan.Status.IsUnknown() {
		// The key may have expired since the plan, which the next refresh shows.
		u.state.Status = u.plan.Status
	}
	if adopted && !u.state.RotatesAfter.IsNull() {
		now, err := u.backend.Now(ctx)
		if err != nil {
			explain(diags, "read the clock for", nounAPIKey, u.state.which(), err)
			return
		}
		if due := timeOf(u.state.RotatesAfter); due != nil && !now.Before(*due) {
			until := now.Add(adoptionGrace)
			u.memory.NotBefore, u.memory.DueSince = &until, nil
		}
	}
}

// rotatesAfter is when the current secret is due for rotation; null without a
// rotation attribute.
func (m *apiKeyModel) rotatesAfter(seen *time.Time) timetypes.RFC3339 {
	return fromInstant(plan.RotatesAfter(toRotation(m.Rotation), toInstant(m.SecretCreatedAt), seen))
}

// keepScopes keeps the scopes that the plan showed, as keepPlanned does. They differ when
// the service gave others than it was asked for.
func (m *apiKeyModel) keepScopes(planned types.Set, diags *diag.Diagnostics) {
	if planned.IsUnknown() || planned.Equal(m.Scopes) {
		return
	}
	given, _ := stringsOf(m.Scopes)
	diags.AddAttributeWarning(path.Root("scopes"), "The service gave the key other scopes than it was asked for",
		fmt.Sprintf("Key %s has %s. The next plan shows this.", m.ID.ValueString(), quoted(given)))
	m.Scopes = planned
}

// keepPlanned keeps the effective scopes that the plan showed. They differ from
// what the service says only when the catalogue was changed between plan and
// apply; Terraform allows no other value now, so a warning tells, and the
// next plan shows it.
func (m *apiKeyModel) keepPlanned(planned types.Set, diags *diag.Diagnostics) {
	if planned.IsUnknown() || planned.IsNull() || planned.Equal(m.EffectiveScopes) {
		return
	}
	granted, _ := stringsOf(m.EffectiveScopes)
	diags.AddAttributeWarning(path.Root("effective_scopes"), "The scope catalogue changed between plan and apply",
		fmt.Sprintf("Key %s really grants %s. The next plan shows this.", m.ID.ValueString(), quoted(granted)))
	m.EffectiveScopes = planned
}
