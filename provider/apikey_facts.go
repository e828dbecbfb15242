package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/plan"
)

// readFacts fills in, at a refresh, what an import or a state from before there were these
// attributes lacks, and what follows from what the service says. What only an apply can know
// stays as it is: where the next secret comes from, and which policy held.
func (m *apiKeyModel) readFacts(ctx context.Context, b backend.Backend, rules keyRules) {
	m.Platform = types.StringValue(rules.account.Platform)
	m.EffectiveOverlap = fromText(plan.EffectiveOverlap(toRotation(m.Rotation), rules.KeyRules))
	if catalogue, err := b.Catalogue(ctx); err == nil { // the plan says what is wrong with it
		m.takeGrants(catalogue, rules)
	}
	if m.SecretSource.IsNull() && !m.Secret.IsNull() { // a chosen one is in no state
		m.SecretSource = types.StringValue(plan.SourceService)
	}
}

// takeFacts makes them what was planned, and what was left open what the service's answer says.
func (m *apiKeyModel) takeFacts(ctx context.Context, b backend.Backend, planned apiKeyModel, rules keyRules, policy plan.Policy) {
	m.Platform, m.EffectiveOverlap, m.AppliedPolicy = planned.Platform, planned.EffectiveOverlap, planned.AppliedPolicy
	m.SecretSource, m.Class, m.ManagesKeys = planned.SecretSource, planned.Class, planned.ManagesKeys
	if m.Platform.IsUnknown() {
		m.Platform = types.StringValue(rules.account.Platform)
	}
	if m.EffectiveOverlap.IsUnknown() {
		m.EffectiveOverlap = fromText(plan.EffectiveOverlap(toRotation(m.Rotation), rules.KeyRules))
	}
	if m.Class.IsUnknown() || m.ManagesKeys.IsUnknown() {
		m.openGrants(ctx, b, rules)
	}
	if m.AppliedPolicy.IsUnknown() {
		m.AppliedPolicy = fromText(policy.Text())
	}
	if m.SecretSource.IsUnknown() {
		m.SecretSource = types.StringValue(plan.SourceChosen)
		if !m.Secret.IsNull() {
			m.SecretSource = types.StringValue(plan.SourceService)
		}
	}
}

// openGrants fills in of the class and manages_keys what the plan left open. Where nobody can tell,
// they are null until a refresh can.
func (m *apiKeyModel) openGrants(ctx context.Context, b backend.Backend, rules keyRules) {
	class, manages := m.Class, m.ManagesKeys
	m.Class, m.ManagesKeys = types.StringNull(), types.BoolNull()
	if catalogue, err := b.Catalogue(ctx); err == nil {
		m.takeGrants(catalogue, rules)
	}
	if !class.IsUnknown() {
		m.Class = class
	}
	if !manages.IsUnknown() {
		m.ManagesKeys = manages
	}
}

// takeGrants sets what follows from what the scopes are.
func (m *apiKeyModel) takeGrants(catalogue *backend.Catalogue, rules keyRules) {
	names, _ := stringsOf(m.Scopes)
	granted, _ := stringsOf(m.EffectiveScopes)
	m.Class = fromText(plan.ClassOf(catalogue.Classes(names)))
	m.ManagesKeys = types.BoolValue(plan.ManagesKeys(rules.KeyRules, catalogue.Managing, granted))
}
