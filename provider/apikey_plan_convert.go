package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/plan"
)

// toAPIKey is a key of a proposal or a state for a plan.
func toAPIKey(k placedKey) plan.APIKeyValues {
	return plan.APIKeyValues{
		Subaccount: toText(k.Subaccount), ID: toText(k.ID), AccountID: toText(k.AccountID),
		Name: toText(k.Name), Username: toText(k.Username), Description: toText(k.Description),
		Scopes: toSet(k.Scopes), EffectiveScopes: toSet(k.EffectiveScopes), AutomaticScopes: toSet(k.AutomaticScopes),
		Enabled: toValue(k.Enabled, k.Enabled.ValueBool), ExpiresAt: toInstant(k.ExpiresAt),
		Rotation: toRotation(k.Rotation), RotateWhenChanged: toMap(k.RotateWhenChanged),
		RotationReason: toText(k.RotationReason), RotatesAfter: toInstant(k.RotatesAfter),
		Secret: toSecret(k.Secret), SecretHint: toText(k.SecretHint),
		SecretVersion: toValue(k.SecretVersion, k.SecretVersion.ValueInt64), SecretCreatedAt: toInstant(k.SecretCreatedAt),
		PreviousID: toText(k.PreviousID), PreviousSecretExpiresAt: toInstant(k.PreviousSecretExpiresAt),
		Status: toText(k.Status), CreatedAt: toInstant(k.CreatedAt),
		Platform: toText(k.Platform), Class: toText(k.Class), ManagesKeys: toValue(k.ManagesKeys, k.ManagesKeys.ValueBool),
		SecretSource: toText(k.SecretSource), EffectiveOverlap: toText(k.EffectiveOverlap), AppliedPolicy: toText(k.AppliedPolicy),
	}
}

// take makes a proposal what is planned. What only a configuration sets stays as it is, and a
// plan never has the secret that is written only.
func (k *placedKey) take(p plan.APIKeyValues) {
	k.Subaccount, k.ID, k.AccountID = fromText(p.Subaccount), fromText(p.ID), fromText(p.AccountID)
	k.Name, k.Username, k.Description = fromText(p.Name), fromText(p.Username), fromText(p.Description)
	k.Scopes, k.EffectiveScopes, k.AutomaticScopes = fromSet(p.Scopes, k.Scopes), fromSet(p.EffectiveScopes, k.EffectiveScopes), fromSet(p.AutomaticScopes, k.AutomaticScopes)
	k.Enabled, k.ExpiresAt = fromBool(p.Enabled), fromInstant(p.ExpiresAt)
	k.RotationReason, k.RotatesAfter = fromText(p.RotationReason), fromInstant(p.RotatesAfter)
	k.Secret, k.SecretHint, k.SecretWO = fromSecret(p.Secret), fromText(p.SecretHint), types.StringNull()
	k.SecretVersion, k.SecretCreatedAt = fromInt(p.SecretVersion), fromInstant(p.SecretCreatedAt)
	k.PreviousID, k.PreviousSecretExpiresAt = fromText(p.PreviousID), fromInstant(p.PreviousSecretExpiresAt)
	k.Status, k.CreatedAt = fromText(p.Status), fromInstant(p.CreatedAt)
	k.Platform, k.Class, k.ManagesKeys = fromText(p.Platform), fromText(p.Class), fromBool(p.ManagesKeys)
	k.SecretSource, k.EffectiveOverlap, k.AppliedPolicy = fromText(p.SecretSource), fromText(p.EffectiveOverlap), fromText(p.AppliedPolicy)
}

// forPlan is what of the memory a plan goes by.
func (m apiKeyMemory) forPlan() plan.APIKeyMemory {
	return plan.APIKeyMemory{DueSince: m.DueSince, SeenSince: m.SeenSince, PreviousDue: m.PreviousDue, Unclaimed: m.Unclaimed}
}

// forPlan is the catalogue for a plan.
func (c *comingCatalogue) forPlan() *plan.Catalogue {
	return &plan.Catalogue{Coming: c.Catalogue.Catalogue, Now: c.now.Catalogue, Managing: c.now.Managing, Planned: c.planned.All()}
}
