package provider

import (
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/plan"
	"github.com/postern-dev/terraform-provider-postern/internal/scope"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// apiKeyModel is postern_apikey in configuration, plan and state.
type apiKeyModel struct {
	ID                      types.String      `tfsdk:"id"`
	AccountID               types.String      `tfsdk:"account_id"`
	Name                    types.String      `tfsdk:"name"`
	Username                types.String      `tfsdk:"username"`
	Description             types.String      `tfsdk:"description"`
	Scopes                  types.Set         `tfsdk:"scopes"`
	EffectiveScopes         types.Set         `tfsdk:"effective_scopes"`
	AutomaticScopes         types.Set         `tfsdk:"automatic_scopes"`
	Enabled                 types.Bool        `tfsdk:"enabled"`
	ExpiresAt               timetypes.RFC3339 `tfsdk:"expires_at"`
	Rotation                types.Object      `tfsdk:"rotation"`
	RotateWhenChanged       types.Map         `tfsdk:"rotate_when_changed"`
	RotationReason          types.String      `tfsdk:"rotation_reason"`
	RotatesAfter            timetypes.RFC3339 `tfsdk:"rotates_after"`
	Secret                  types.String      `tfsdk:"secret"`
	SecretWO                types.String      `tfsdk:"secret_wo"` // null but in a configuration
	SecretHint              types.String      `tfsdk:"secret_hint"`
	SecretVersion           types.Int64       `tfsdk:"secret_version"`
	SecretCreatedAt         timetypes.RFC3339 `tfsdk:"secret_created_at"`
	PreviousID              types.String      `tfsdk:"previous_id"`
	PreviousSecretExpiresAt timetypes.RFC3339 `tfsdk:"previous_secret_expires_at"`
	Status                  types.String      `tfsdk:"status"`
	CreatedAt               timetypes.RFC3339 `tfsdk:"created_at"`
	Platform                types.String      `tfsdk:"platform"`
	Class                   types.String      `tfsdk:"class"`
	ManagesKeys             types.Bool        `tfsdk:"manages_keys"`
	SecretSource            types.String      `tfsdk:"secret_source"`
	EffectiveOverlap        types.String      `tfsdk:"effective_overlap"`
	AppliedPolicy           types.String      `tfsdk:"applied_policy"`
}

// keyRules are the platform's rules for the keys of a place.
type keyRules struct {
	backend.KeyRules
	account backend.Account
}

// input asks for the key of a plan with that secret; empty for one that is minted. What the
// service does not hold is left out.
func (r keyRules) input(plan apiKeyModel, chosen secret.Secret) backend.APIKeyInput {
	scopes, _ := stringsOf(plan.Scopes)
	in := backend.APIKeyInput{Scopes: scopes, Enabled: plan.Enabled.ValueBool(), ExpiresAt: timeOf(plan.ExpiresAt), Secret: chosen}
	if !r.NameInState {
		in.Name = plan.Name.ValueString()
	}
	if !r.DescriptionInState {
		in.Description = plan.Description.ValueString()
	}
	return in
}

// fill takes over what the service says. Of what was written in HCL it keeps the
// spelling where the meaning is the same, and it leaves the secret, the rotation settings
// and what the service does not tell alone: only Terraform knows those.
func (m *apiKeyModel) fill(key backend.APIKey, rules keyRules, memory apiKeyMemory) {
	m.ID = types.StringValue(key.ID)
	if rules.account.ID != "" {
		m.AccountID = types.StringValue(rules.account.ID)
	} else if m.AccountID.IsUnknown() {
		m.AccountID = types.StringNull()
	}
	if !rules.NameInState {
		m.Name = textLike(m.Name, key.Name)
	}
	if !rules.DescriptionInState {
		m.Description = textLike(m.Description, key.Description)
	}
	m.Username = textLike(types.StringNull(), key.Username)
	m.Scopes = chosenSet(key.Scopes)
	m.EffectiveScopes = stringSet(key.EffectiveScopes)
	m.AutomaticScopes = stringSet(key.AutomaticScopes)
	m.Enabled = types.BoolValue(key.Enabled)
	m.ExpiresAt = timeLike(m.ExpiresAt, key.ExpiresAt)
	m.SecretHint = textLike(types.StringNull(), key.SecretHint)
	m.SecretVersion = types.Int64Value(memory.version(key))
	m.SecretCreatedAt = timeTold(m.SecretCreatedAt, key.SecretCreatedAt)
	if !rules.Replace { // there it is when the replaced key goes
		m.PreviousID = types.StringNull()
		m.PreviousSecretExpiresAt = timeLike(m.PreviousSecretExpiresAt, key.PreviousSecretExpiresAt)
	}
	m.Status = types.StringValue(key.Status)
	m.CreatedAt = timeTold(m.CreatedAt, key.CreatedAt)
}

// timeTold is the time that a service told, or the prior one where it tells none.
func timeTold(prior timetypes.RFC3339, at time.Time) timetypes.RFC3339 {
	switch {
	case !at.IsZero():
		return timetypes.NewRFC3339TimeValue(at)
	case prior.IsUnknown():
		return timetypes.NewRFC3339Null()
	}
	return prior
}

// withoutUnknown makes null what is known after an apply only.
func (m *apiKeyModel) withoutUnknown() {
	for _, text := range []*types.String{&m.ID, &m.AccountID, &m.Username, &m.RotationReason, &m.Secret, &m.SecretHint, &m.PreviousID, &m.Status,
		&m.Platform, &m.Class, &m.SecretSource, &m.EffectiveOverlap, &m.AppliedPolicy} {
		if text.IsUnknown() {
			*text = types.StringNull()
		}
	}
	for _, at := range []*timetypes.RFC3339{&m.RotatesAfter, &m.SecretCreatedAt, &m.PreviousSecretExpiresAt, &m.CreatedAt} {
		if at.IsUnknown() {
			*at = timetypes.NewRFC3339Null()
		}
	}
	for _, set := range []*types.Set{&m.Scopes, &m.EffectiveScopes, &m.AutomaticScopes} {
		if set.IsUnknown() {
			*set = types.SetNull(types.StringType)
		}
	}
	if m.SecretVersion.IsUnknown() {
		m.SecretVersion = types.Int64Null()
	}
	if m.ManagesKeys.IsUnknown() {
		m.ManagesKeys = types.BoolNull()
	}
}

// textLike is the text, and for none null, or "" where prior is that: what was left
// out and what was set to "" are the same to the service, and not to Terraform.
func textLike(prior types.String, text string) types.String {
	if empty := types.StringValue(""); text != "" || prior.Equal(empty) {
		return types.StringValue(text)
	}
	return types.StringNull()
}

// called names a key in a message: by its name where it has one, and by its id.
func (m *apiKeyModel) called(id types.String) string {
	if name := m.Name.ValueString(); name != "" {
		return name + " (" + id.ValueString() + ")"
	}
	return id.ValueString()
}

// quotedName is the name for a message; empty where there is none.
func (m *apiKeyModel) quotedName() string {
	if m.Name.ValueString() == "" {
		return ""
	}
	return m.Name.String()
}

// takeSecret takes over the secret that was minted. One that was chosen is never in
// an answer, and so in no state.
func (m *apiKeyModel) takeSecret(issued backend.IssuedAPIKey) {
	m.Secret = textLike(types.StringNull(), issued.Secret.Reveal())
}

// timeLike is the time at, in the spelling of prior when that is the same
// instant: 08:00+02:00 in HCL must not become 06:00Z in state.
func timeLike(prior timetypes.RFC3339, at *time.Time) timetypes.RFC3339 {
	if at == nil {
		return timetypes.NewRFC3339Null()
	}
	if was := timeOf(prior); was != nil && was.Equal(*at) {
		return prior
	}
	return timetypes.NewRFC3339TimeValue(*at)
}

// timeOf is the value's time, or nil when it has none.
func timeOf(value timetypes.RFC3339) *time.Time {
	if value.IsNull() || value.IsUnknown() {
		return nil
	}
	at, diags := value.ValueRFC3339Time()
	if diags.HasError() {
		return nil // the type has refused it at validation
	}
	at = at.UTC()
	return &at
}

// quoted lists names in a message.
func quoted(names []string) string { return `"` + strings.Join(names, `", "`) + `"` }

func stringSet(names []string) types.Set {
	elements := make([]attr.Value, 0, len(names))
	for _, n := range scope.Normal(names) {
		elements = append(elements, types.StringValue(n))
	}
	return types.SetValueMust(types.StringType, elements)
}

// chosenSet is the scopes that a key was given; null where keys have none, as a
// configuration then leaves them out.
func chosenSet(names []string) types.Set {
	if len(names) == 0 {
		return types.SetNull(types.StringType)
	}
	return stringSet(names)
}

// stringsOf returns the set's members, sorted, and whether all of them are known.
// A null set is known and empty.
func stringsOf(set types.Set) (names []string, known bool) {
	if set.IsUnknown() {
		return nil, false
	}
	for _, e := range set.Elements() {
		s, ok := e.(types.String)
		if !ok || s.IsUnknown() {
			return nil, false
		}
		names = append(names, s.ValueString())
	}
	slices.Sort(names)
	return names, true
}

// overlapOf is the overlap of a rotation that is applied, on a platform that allows at most
// that much.
func (m *apiKeyModel) overlapOf(most time.Duration) time.Duration {
	return plan.OverlapOf(toRotation(m.Rotation), most).Zero()
}

func durationOf(value timetypes.GoDuration) time.Duration {
	if value.IsNull() || value.IsUnknown() {
		return 0
	}
	d, diags := value.ValueGoDuration()
	if diags.HasError() {
		return 0 // the type has refused it at validation
	}
	return d
}
