package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/plan"
	"github.com/postern-dev/terraform-provider-postern/internal/scope"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

var (
	_ action.ActionWithConfigure      = (*rotateAction)(nil)
	_ action.ActionWithValidateConfig = (*rotateAction)(nil)
	_ action.ActionWithModifyPlan     = (*rotateAction)(nil)
)

// NewRotateAPIKeyAction returns the action postern_rotate_apikey.
func NewRotateAPIKeyAction() action.Action { return &rotateAction{} }

// rotateAction gives a key a secret that was chosen. One that the service mints would
// be lost: an action has no result, and a secret is shown once.
type rotateAction struct{ keyAction }

type rotateModel struct {
	keyTarget
	SecretWO writeOnlyValue       `tfsdk:"secret_wo"`
	Overlap  timetypes.GoDuration `tfsdk:"overlap"`
}

// wouldBeLost is why no secret is minted, and what to do instead.
const wouldBeLost = "An action returns nothing, so a secret that the service makes would be shown to nobody and be lost. " +
	"Let a postern_apikey or postern_subaccount_apikey manage the key and change its rotate_when_changed: the new secret is then in its state."

func (a *rotateAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_rotate_apikey"
}

func (a *rotateAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	attributes := targetAttributes()
	attributes["secret_wo"] = schema.StringAttribute{
		Optional: true, WriteOnly: true, CustomType: writeOnlyText{},
		MarkdownDescription: "The new secret, or the new password of an API user: in no plan and in no state. Give it from an ephemeral value that also goes to where the secret is used. " +
			"It must be set: one that the service made would be lost.",
	}
	attributes["overlap"] = schema.StringAttribute{
		Optional: true, CustomType: timetypes.GoDurationType{},
		MarkdownDescription: "How long the old secret stays good, such as `24h`. Default `24h`, or as much of it as the platform allows; `0s` ends it at once.",
		Validators:          []validator.String{duration{}},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Gives an API key a new secret that you choose, under the same id, on platforms where a secret can be chosen, such as those whose keys are API users with a password. " +
			"Needs Terraform 1.14.",
		Attributes: attributes,
	}
}

// ValidateConfig refuses what would lose the secret before anything is asked.
func (a *rotateAction) ValidateConfig(ctx context.Context, req action.ValidateConfigRequest, resp *action.ValidateConfigResponse) {
	var config rotateModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if !resp.Diagnostics.HasError() {
		config.chosen(&resp.Diagnostics)
	}
}

// chosen reports whether a secret is given, or will be.
func (m *rotateModel) chosen(diags *diag.Diagnostics) bool {
	if m.SecretWO.IsUnknown() || m.SecretWO.ValueString() != "" {
		return true
	}
	diags.AddAttributeError(path.Root("secret_wo"), "Missing secret", "Set secret_wo to the secret that the key is to have. "+wouldBeLost)
	return false
}

// ModifyPlan says at plan what the service would refuse: in the apply other actions may
// have run before. Terraform sends the write-only secret to a plan, so that one which is
// null then will be null in the apply.
func (a *rotateAction) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	var config rotateModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() || !config.chosen(&resp.Diagnostics) || a.backend == nil || config.Subaccount.IsUnknown() {
		return
	}
	if _, ok := a.allowed(ctx, config, &resp.Diagnostics); !ok || !config.known() {
		return
	}
	key, err := a.keys(config.keyTarget).Get(ctx, config.ID.ValueString())
	switch {
	case errors.Is(err, backend.ErrNotFound):
		noSuchKey(&resp.Diagnostics, config.keyTarget)
	case err != nil:
		unchecked(&resp.Diagnostics, nounAPIKey, err)
	case key.Status == backend.StatusExpired:
		resp.Diagnostics.AddAttributeError(path.Root("id"), "The API key has expired",
			fmt.Sprintf("API key %s has expired. A new secret alone does not renew it: let a resource manage the key and move its expires_at to a later time.", config.which()))
	default:
		a.gives(ctx, config, key, &resp.Diagnostics)
	}
}

// gives refuses a rotation by a credential that holds less than the key: whoever has the
// new secret would have more than the credential.
func (a *rotateAction) gives(ctx context.Context, config rotateModel, key backend.APIKey, diags *diag.Diagnostics) {
	account, err := a.backend.Account(ctx)
	if err != nil || account.Owner || account.GrantsUnknown {
		return // that it cannot be asked for is said already
	}
	if missing := scope.Added(account.Scopes, key.EffectiveScopes); len(missing) > 0 {
		diags.AddAttributeError(path.Root("id"), "The credential cannot rotate this API key",
			fmt.Sprintf("Nobody gives what they do not hold: API key %s holds %s, and the provider's credential does not. Use a credential that holds the same.", config.which(), quoted(missing)))
	}
	if own := account.ExpiresAt; own != nil && (key.ExpiresAt == nil || key.ExpiresAt.After(*own)) {
		diags.AddAttributeError(path.Root("id"), "The key would outlive the provider's credential",
			fmt.Sprintf("Nobody gives what they do not hold, time included: the provider's credential expires at %s, and the new secret of API key %s would be good for longer. Use a credential that lasts as long.", own.Format(time.RFC3339), config.which()))
	}
}

// allowed reports whether the platform takes such a rotation, and for how long the old
// secret then stays good.
func (a *rotateAction) allowed(ctx context.Context, config rotateModel, diags *diag.Diagnostics) (overlap time.Duration, ok bool) {
	account, rules, ok := a.rules(ctx, config.keyTarget, "rotate", diags)
	if !ok {
		return 0, false
	}
	overlap = plan.OverlapOf(plan.Null[plan.Rotation](), rules.MaxOverlap).Zero()
	if !config.Overlap.IsNull() {
		overlap = durationOf(config.Overlap)
	}
	switch {
	case !rules.Rotate:
		diags.AddError("Keys keep their secret on this platform", "A key of platform "+account.Platform+" is never rotated: a new secret is a new key. Make one with a postern_apikey or postern_subaccount_apikey.")
	case !rules.Password && !rules.ChooseSecret:
		diags.AddAttributeError(path.Root("secret_wo"), "The secret cannot be chosen on this platform", "A key of platform "+account.Platform+" gets a secret that is made for it. "+wouldBeLost)
	default:
		addFindings(diags, plan.CheckSecret(account.Platform, rules, toSecret(config.SecretWO.StringValue), plan.Subject{Kind: plan.KindAPIKey, ID: config.ID.ValueString()}))
		if overlap > rules.MaxOverlap {
			diags.AddAttributeError(path.Root("overlap"), "Overlap too long", fmt.Sprintf("Platform %s keeps an old secret good for at most %s after a rotation.", account.Platform, rules.MaxOverlap))
		}
	}
	return overlap, !diags.HasError()
}

// Invoke rotates the key.
func (a *rotateAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var config rotateModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() || !ready(a.backend, &resp.Diagnostics) || !config.chosen(&resp.Diagnostics) {
		return
	}
	var checked diag.Diagnostics // a warning about a plan means nothing here
	overlap, ok := a.allowed(ctx, config, &checked)
	resp.Diagnostics.Append(checked.Errors()...)
	if !ok {
		if !checked.HasError() {
			resp.Diagnostics.AddError("Unable to rotate "+nounAPIKey, "The service cannot be reached, so nothing was done. Try again.")
		}
		return
	}
	progress(resp, "Rotating API key %s.", config.which())
	rotated, err := a.keys(config.keyTarget).Rotate(ctx, config.ID.ValueString(), backend.Rotation{Overlap: overlap, Secret: secret.From(config.SecretWO.ValueString())}, 0)
	if errors.Is(err, backend.ErrNotFound) {
		noSuchKey(&resp.Diagnostics, config.keyTarget)
		return
	}
	if err != nil {
		explainAction(&resp.Diagnostics, "rotate", config.keyTarget, err)
		return
	}
	if until := rotated.PreviousSecretExpiresAt; until != nil && overlap > 0 {
		progress(resp, "API key %s has its new secret. The old one stays good until %s.", config.which(), until.Format(time.RFC3339))
		return
	}
	progress(resp, "API key %s has its new secret. The old one is refused from now on.", config.which())
}
