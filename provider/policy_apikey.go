package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

const forbidden = "Forbidden by the provider's policy"

// policed holds the plan to the provider's policy. It comes last, when all that can be
// known is in the plan.
func (p *apiKeyPlan) policed(ctx context.Context) {
	p.policedScopes(ctx)
	if p.policy.expiryOrRotation && p.plan.ExpiresAt.IsNull() && p.plan.Rotation.IsNull() {
		p.diags.AddAttributeError(path.Root("expires_at"), forbidden,
			"policy.require_expiry_or_rotation wants every key to end or to be rotated. Set expires_at or rotation.")
	}
	p.policedLifetime(ctx)
	p.policedSecret()
}

// policedScopes refuses forbidden scopes, each on the scope that brings them in.
func (p *apiKeyPlan) policedScopes(ctx context.Context) {
	if len(p.policy.forbid) == 0 {
		return
	}
	names, known := stringsOf(p.plan.Scopes)
	if !known {
		return // the apply knows
	}
	grants, said := p.grants(ctx), false
	for _, name := range names {
		for _, granted := range grants(name) {
			if pattern := p.policy.forbids(granted); pattern != "" {
				said = true
				p.refuseScope(path.Root("scopes").AtSetValue(types.StringValue(name)), name, granted, pattern)
			}
		}
	}
	// A key that exists may hold more than its scopes say now, such as what a state
	// from before a change of the catalogue shows.
	effective, _ := stringsOf(p.plan.EffectiveScopes)
	for _, granted := range effective {
		if pattern := p.policy.forbids(granted); pattern != "" && !said {
			p.refuseScope(path.Root("scopes"), "", granted, pattern)
		}
	}
}

func (p *apiKeyPlan) refuseScope(at path.Path, name, granted, pattern string) {
	what := fmt.Sprintf("The key would grant %q", granted)
	if name != "" && name != granted {
		what = fmt.Sprintf("The scope %q also grants %q", name, granted)
	}
	p.diags.AddAttributeError(at, forbidden, fmt.Sprintf("%s, and policy.forbid_scopes forbids %q. Ask for less.", what, pattern))
}

// grants tells of a scope all that it implies, as far as the service can be asked.
// What it answered was checked before; a name that it does not know stands for itself.
func (p *apiKeyPlan) grants(ctx context.Context) func(name string) []string {
	if p.backend != nil {
		if catalogue, err := readCatalogue(ctx, p.backend); err == nil {
			return func(name string) []string { return catalogue.Effective([]string{name}) }
		}
	}
	return func(name string) []string { return []string{name} }
}

// checkGranted holds what the service really gave a key to the policy. A service may give more
// than it was asked for, and then the plan could not know. It reports whether the key may be;
// else the state holds the key as it is, so that it can be found and removed.
func (p *policy) checkGranted(key apiKeyModel, planned types.Set, exists bool, diags *diag.Diagnostics) bool {
	given, _ := stringsOf(key.Scopes)
	effective, _ := stringsOf(key.EffectiveScopes)
	given = scope.Normal(slices.Concat(given, effective))
	asked, known := stringsOf(planned)
	var why []string
	if refused := slices.DeleteFunc(slices.Clone(given), func(name string) bool { return p.forbids(name) == "" }); len(refused) > 0 {
		why = append(why, "policy.forbid_scopes forbids "+quoted(refused))
	}
	if more := scope.Added(asked, given); known && exists && p.widening == verdictDeny && len(more) > 0 {
		why = append(why, fmt.Sprintf("policy.widening is %q, and nobody asked for %s", verdictDeny, quoted(more)))
	}
	if len(why) == 0 {
		return true
	}
	diags.AddAttributeError(path.Root("effective_scopes"), forbidden,
		fmt.Sprintf("The service gave key %s more than the plan showed: %s. The key was made or changed all the same, and it works: take from it what is too much, or delete it, and find out what changed what a scope grants.",
			key.called(key.ID), strings.Join(why, "; ")))
	return false
}

// policedLifetime wants an expiry within max_lifetime of when the key is made, or was,
// or is renewed.
func (p *apiKeyPlan) policedLifetime(ctx context.Context) {
	most, at := p.policy.maxLifetime, path.Root("expires_at")
	if most == 0 || p.plan.ExpiresAt.IsUnknown() {
		return
	}
	expires := timeOf(p.plan.ExpiresAt)
	if expires == nil {
		what := "Set expires_at."
		if p.account != nil && !p.account.Rules.Expiry {
			what = "Platform " + p.account.Platform + " has no expiry of keys, so that none can hold to it. Remove max_lifetime from the policy, or the key."
		}
		p.diags.AddAttributeError(at, forbidden, fmt.Sprintf("policy.max_lifetime lets a key live for at most %s, and this one would never end. %s", most, what))
		return
	}
	from, what := timeOf(p.state.CreatedAt), "when it was made"
	switch renewed := !p.create && p.state.Status.ValueString() == backend.StatusExpired && !p.plan.ExpiresAt.Equal(p.state.ExpiresAt); {
	case !p.create && !renewed:
	case p.backend == nil:
		return
	default:
		now, err := p.backend.Now(ctx)
		if err != nil {
			return // what asked for the account has said so
		}
		from, what = &now, "now"
	}
	if from == nil {
		return
	}
	if latest := from.Add(most); expires.After(latest) {
		p.diags.AddAttributeError(at, forbidden, fmt.Sprintf("policy.max_lifetime lets a key live for at most %s, counted from %s (%s by the server's clock). The latest expires_at is %s, not %s.",
			most, what, from.Format(time.RFC3339), latest.Format(time.RFC3339), p.plan.ExpiresAt.ValueString()))
	}
}

// policedSecret refuses a secret in the state, or warns of it.
func (p *apiKeyPlan) policedSecret() {
	verdict := p.policy.secretsInState
	secret := p.plan.Secret
	if verdict != verdictWarn && verdict != verdictDeny || secret.IsNull() {
		return
	}
	if secret.IsUnknown() && (!p.mints || p.account == nil) {
		return // it may come to nothing; the apply knows
	}
	const detail = "The key's secret would lie in the state in clear text, and policy.secrets_in_state is %q."
	if verdict == verdictDeny {
		p.diags.AddAttributeError(path.Root("secret"), forbidden, fmt.Sprintf(detail, verdict)+
			" "+p.outOfState())
		return
	}
	p.diags.AddAttributeWarning(path.Root("secret"), "A secret in the state", fmt.Sprintf(detail, verdict))
}

// outOfState says how a key of the platform is kept out of the state.
func (p *apiKeyPlan) outOfState() string {
	if p.account != nil && !p.account.Rules.ChooseSecret {
		return "Platform " + p.account.Platform + " makes the secrets of its keys itself, so none can be kept out: import a key that was made elsewhere, or change the policy."
	}
	return "Give the key its secret by secret_wo, from an ephemeral postern_secret."
}

// widening warns of power that the change adds, or refuses it.
func (p *apiKeyPlan) widening(effective []string) {
	was, _ := stringsOf(p.state.EffectiveScopes)
	gained := scope.Added(was, effective)
	if len(gained) == 0 {
		return
	}
	at, called := path.Root("scopes"), p.plan.called(p.state.ID)
	switch p.policy.widening {
	case verdictAllow:
	case verdictDeny:
		p.diags.AddAttributeError(at, forbidden, fmt.Sprintf("policy.widening is %q, and key %s would also be able to do %s. Ask for less, or make another key.", verdictDeny, called, quoted(gained)))
	default:
		p.diags.AddAttributeWarning(at, "API key gains scopes",
			fmt.Sprintf("Key %s will also be able to do %s. See effective_scopes for all that it grants.", called, quoted(gained)))
	}
}
