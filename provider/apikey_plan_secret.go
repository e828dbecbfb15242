package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

// apiKeyConfig is what a plan must read from the configuration itself: a plan never
// has the secret, and of the scopes it does not tell who chose them.
type apiKeyConfig struct {
	secret types.String
	scopes types.Set
}

// configuredFor reads it.
func configuredFor(ctx context.Context, config tfsdk.Config, diags *diag.Diagnostics) apiKeyConfig {
	c := apiKeyConfig{secret: writeOnly(ctx, config, diags)}
	diags.Append(config.GetAttribute(ctx, path.Root("scopes"), &c.scopes)...)
	return c
}

// replacing is how a key that keeps its secret gets a new one.
const replacing = "For a new secret make a new key: plan with -replace, or use replace_triggered_by in a lifecycle block, " +
	"with create_before_destroy so that the old key works until the new one does."

// keepsSecret reports whether the platform's keys keep the secret that they were made
// with.
func (p *apiKeyPlan) keepsSecret() bool {
	return p.account != nil && !p.account.Rules.Rotate && !p.account.Rules.Replace
}

// rotationRules checks what the configuration says about rotation.
func (p *apiKeyPlan) rotationRules(ctx context.Context, account backend.Account) {
	if p.keepsSecret() {
		refuse := func(attribute string) {
			p.diags.AddAttributeError(path.Root(attribute), "Keys keep their secret on this platform",
				"A key of platform "+account.Platform+" is never rotated. "+replacing+" Remove "+attribute+".")
		}
		if !p.plan.Rotation.IsNull() && !p.plan.Rotation.IsUnknown() {
			refuse("rotation")
		}
		if len(p.plan.RotateWhenChanged.Elements()) > 0 {
			refuse("rotate_when_changed")
		}
		return
	}
	if r, ok := p.plan.rotation(ctx); ok && r.overlap != nil && *r.overlap > account.Rules.MaxOverlap {
		p.diags.AddAttributeError(path.Root("rotation").AtName("overlap"), "Overlap too long",
			fmt.Sprintf("Platform %s keeps an old secret good for at most %s after a rotation.", account.Platform, account.Rules.MaxOverlap))
	}
}

// replaceExpired plans a new key for one that has expired and cannot be renewed,
// because its platform rotates none.
func (p *apiKeyPlan) replaceExpired() {
	at := path.Root("expires_at")
	p.replace = append(p.replace, at)
	p.diags.AddAttributeWarning(at, "An expired key is replaced",
		fmt.Sprintf("Key %s has expired, and a key of platform %s is never rotated: a later expires_at makes a new key.", p.plan.called(p.state.ID), p.account.Platform))
}

// chosen checks secret_wo, and plans that a secret which was chosen is in no state.
func (p *apiKeyPlan) chosen(given types.String) {
	if p.account == nil {
		if p.mints && !given.IsNull() {
			p.plan.Secret = types.StringNull()
		}
		return
	}
	at, rules := path.Root("secret_wo"), p.account.Rules
	if !rules.ChooseSecret {
		if !given.IsNull() {
			p.diags.AddAttributeError(at, "The secret cannot be chosen on this platform",
				"A key of platform "+p.account.Platform+" gets a secret that is made for it. Remove secret_wo.")
		}
		return
	}
	if !p.mints {
		return
	}
	if rules.Password {
		p.plan.Secret, p.plan.SecretHint = types.StringNull(), types.StringNull()
	}
	missing := given.IsNull() || !given.IsUnknown() && given.ValueString() == ""
	switch {
	case missing && rules.Password:
		why := "A key of platform " + p.account.Platform + " is an API user, and its password is chosen for it."
		if !p.create {
			why = fmt.Sprintf("This plan rotates key %s (%s), and a password of platform %s is chosen for it.",
				p.plan.called(p.state.ID), p.plan.RotationReason.ValueString(), p.account.Platform)
		}
		p.diags.AddAttributeError(at, "Missing password", why+" Set secret_wo to it, from an ephemeral value; it is in no state and no plan.")
	case given.IsNull():
	case missing:
		// Taken for none it would be minted into the state, where it was not to be.
		p.diags.AddAttributeError(at, "Empty secret", "The secret_wo is empty. Set it to a secret, such as that of an ephemeral postern_secret, or remove it for a secret in the state.")
	default:
		p.plan.Secret = types.StringNull()
		wellFormed(p.account.Platform, rules, given, p.diags)
	}
}

// wellFormed checks a chosen secret against the platform's rules. While it is not known
// the service checks it, at the apply.
func wellFormed(platform string, rules backend.KeyRules, given types.String, diags *diag.Diagnostics) {
	if given.IsUnknown() || given.ValueString() == "" || rules.CheckSecret == nil {
		return
	}
	if err := rules.CheckSecret(given.ValueString()); err != nil {
		diags.AddAttributeError(path.Root("secret_wo"), "The secret breaks the platform's rules",
			fmt.Sprintf("A secret of platform %s %v. The ephemeral postern_secret makes one that fits.", platform, err))
	}
}

// owner says at plan what the apply would be refused for.
func (p *apiKeyPlan) owner() {
	if p.account != nil && p.account.Rules.OwnerOnly && p.account.APIKey && (p.touched || p.mints) {
		p.diags.AddError("Only an owner credential manages these keys",
			"Platform "+p.account.Platform+" lets no API key manage other keys of its account, or of its sub-account. Give the provider an owner credential.")
	}
}
