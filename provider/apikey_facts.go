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
// Where nobody can tell what the scopes are, that is null until a refresh can.
func (m *apiKeyModel) takeFacts(ctx context.Context, b backend.Backend, planned apiKeyModel, rules keyRules, policy plan.Policy) {
	m.Class, m.ManagesKeys, m.SecretSource = types.StringNull(), types.BoolNull(), types.StringNull()
	if m.readFacts(ctx, b, rules); m.SecretSource.IsNull() {
		m.SecretSource = types.StringValue(plan.SourceChosen)
	}
	m.AppliedPolicy = fromText(policy.Text())
	for have, want := range map[*types.String]types.String{
		&m.Platform: planned.Platform, &m.Class: planned.Class, &m.SecretSource: planned.SecretSource,
		&m.EffectiveOverlap: planned.EffectiveOverlap, &m.AppliedPolicy: planned.AppliedPolicy,
	} {
		if !want.IsUnknown() {
			*have = want
		}
	}
	if !planned.ManagesKeys.IsUnknown() {
		m.ManagesKeys = planned.ManagesKeys
	}
}

// takeGrants sets what follows from what the scopes are.
func (m *apiKeyModel) takeGrants(catalogue *backend.Catalogue, rules keyRules) {
	names, _ := stringsOf(m.Scopes)
	granted, _ := stringsOf(m.EffectiveScopes)
	m.Class = fromText(plan.ClassOf(catalogue.Classes(names)))
	m.ManagesKeys = types.BoolValue(plan.ManagesKeys(rules.KeyRules, catalogue.Managing, granted))
}
