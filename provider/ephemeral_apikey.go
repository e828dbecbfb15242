package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/plan"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

var (
	_ ephemeral.EphemeralResourceWithConfigure      = (*apiKeyEphemeral)(nil)
	_ ephemeral.EphemeralResourceWithValidateConfig = (*apiKeyEphemeral)(nil)
	_ ephemeral.EphemeralResourceWithRenew          = (*apiKeyEphemeral)(nil)
	_ ephemeral.EphemeralResourceWithClose          = (*apiKeyEphemeral)(nil)
)

// NewAPIKeyEphemeral returns the ephemeral postern_apikey.
func NewAPIKeyEphemeral() ephemeral.EphemeralResource { return &apiKeyEphemeral{} }

// apiKeyEphemeral is a key for one run: made when it is opened, with an expiry that the
// service enforces even when nobody closes it, and deleted when it is closed. It never
// touches a key that it has not made.
type apiKeyEphemeral struct {
	backend    backend.Backend
	subaccount types.String // the provider's
	policy     plan.Policy
}

type ephemeralKeyModel struct {
	Subaccount      types.String         `tfsdk:"subaccount"`
	NamePrefix      types.String         `tfsdk:"name_prefix"`
	Description     types.String         `tfsdk:"description"`
	Scopes          types.Set            `tfsdk:"scopes"`
	Lifetime        timetypes.GoDuration `tfsdk:"lifetime"`
	ID              types.String         `tfsdk:"id"`
	Name            types.String         `tfsdk:"name"`
	EffectiveScopes types.Set            `tfsdk:"effective_scopes"`
	ExpiresAt       timetypes.RFC3339    `tfsdk:"expires_at"`
	Secret          types.String         `tfsdk:"secret"`
}

// The lifetime of a key for one run. It bounds how long a key outlives a run that was
// killed; a longer run renews it.
const (
	defaultLifetime  = 15 * time.Minute
	shortestLifetime = time.Minute
	longestLifetime  = 24 * time.Hour
)

// openedKey is what Renew and Close must know.
type openedKey struct {
	Subaccount string        `json:"subaccount"`
	ID         string        `json:"id"`
	Name       string        `json:"name"`
	Lifetime   time.Duration `json:"lifetime"`
}

func (openedKey) key() string { return "apikey" }

func (e *apiKeyEphemeral) Configure(_ context.Context, req ephemeral.ConfigureRequest, _ *ephemeral.ConfigureResponse) {
	if data, ok := req.ProviderData.(*configured); ok {
		e.backend, e.subaccount, e.policy = data.backend, data.subaccount, data.policy
	}
}

func (e *apiKeyEphemeral) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	var m ephemeralKeyModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if e.backend == nil {
		resp.Diagnostics.AddError("The service is not known yet",
			"The provider's configuration hangs on values that are known after the apply only. Let this key depend on what makes them, with depends_on, so that it is opened after that.")
		return
	}
	if m.Subaccount.IsNull() && !e.subaccount.IsNull() {
		var ok bool
		if m.Subaccount, ok = knownSubaccountOr(m.Subaccount, e.subaccount, &resp.Diagnostics); !ok {
			return
		}
	}
	if !e.allowed(ctx, m, &resp.Diagnostics) {
		return
	}
	now, err := e.backend.Now(ctx)
	if err != nil {
		explain(&resp.Diagnostics, "read the clock for", nounAPIKey, "", err)
		return
	}
	opened := openedKey{Subaccount: m.Subaccount.ValueString(), Name: m.NamePrefix.ValueString() + secret.Random("base36", 12), Lifetime: m.lifetime()}
	if m.NamePrefix.IsNull() {
		opened.Name = "terraform-" + opened.Name
	}
	scopes, _ := stringsOf(m.Scopes)
	expires := now.Add(opened.Lifetime)
	issued, err := e.backend.Keys(opened.Subaccount).Create(ctx, backend.APIKeyInput{
		Name: opened.Name, Description: m.Description.ValueString(), Scopes: scopes, Enabled: true, ExpiresAt: &expires,
	})
	if err != nil {
		explain(&resp.Diagnostics, "create", nounAPIKey, opened.Name, err)
		return
	}
	if issued.Name != opened.Name {
		resp.Diagnostics.AddError("Unable to create API key", fmt.Sprintf("The service was asked for the key %q and answered with %q, which may be anybody's and is not touched. One that was made all the same ends by itself, at %s.",
			opened.Name, issued.Name, expires.UTC().Format(time.RFC3339)))
		return
	}
	// The key is not deleted for it: an answer that is wrong in this may be wrong in its id.
	var given apiKeyModel
	given.ID, given.Name = types.StringValue(issued.ID), types.StringValue(issued.Name)
	given.Scopes, given.EffectiveScopes = stringSet(issued.Scopes), stringSet(issued.EffectiveScopes)
	if !checkGranted(e.policy, given, types.SetUnknown(types.StringType), false, &resp.Diagnostics) {
		resp.Diagnostics.AddError("The key is not handed out", fmt.Sprintf("The service ends key %s by itself, %s after it was made. Delete it before, once it is certain that it is this run's.", issued.ID, opened.Lifetime))
		return
	}
	opened.ID = issued.ID
	m.ID, m.Name, m.Secret = types.StringValue(issued.ID), types.StringValue(issued.Name), types.StringValue(issued.Secret.Reveal())
	m.EffectiveScopes = stringSet(issued.EffectiveScopes)
	m.ExpiresAt = timeLike(timetypes.NewRFC3339Null(), issued.ExpiresAt)
	if m.Lifetime.IsNull() {
		m.Lifetime = timetypes.NewGoDurationValue(opened.Lifetime)
	}
	resp.Diagnostics.Append(resp.Result.Set(ctx, &m)...)
	resp.Diagnostics.Append(writePrivate(ctx, resp.Private, opened)...)
	resp.RenewAt = renewAt(opened.Lifetime)
}

// renewAt is when half of a lifetime is over, by this machine's clock, as Terraform's is
// the one that waits.
func renewAt(lifetime time.Duration) time.Time { return time.Now().Add(lifetime / 2) }

// lifetime is how long the key lives unless it is renewed.
func (m *ephemeralKeyModel) lifetime() time.Duration {
	if m.Lifetime.IsNull() {
		return defaultLifetime
	}
	return durationOf(m.Lifetime)
}

// Renew gives the key one more lifetime, for a run that takes longer.
func (e *apiKeyEphemeral) Renew(ctx context.Context, req ephemeral.RenewRequest, resp *ephemeral.RenewResponse) {
	opened, ok := e.opened(ctx, req.Private, &resp.Diagnostics)
	if !ok {
		return
	}
	now, err := e.backend.Now(ctx)
	var account backend.Account
	if err == nil {
		account, err = e.backend.Account(ctx)
	}
	if err == nil {
		expires := now.Add(opened.Lifetime)
		if own := account.ExpiresAt; own != nil && own.Before(expires) {
			expires = *own // nothing that the credential gives outlives it
		}
		_, err = e.backend.Keys(opened.Subaccount).Update(ctx, opened.ID, backend.APIKeyChange{ExpiresAt: &backend.Expiry{At: &expires}}, 0)
	}
	if err != nil {
		explain(&resp.Diagnostics, "renew", nounAPIKey, opened.Name, err)
		return
	}
	resp.RenewAt = renewAt(opened.Lifetime)
}

// Close deletes the key, if it has the random name that Open gave it: an id alone came from
// an answer. Who may not read keys deletes by the name that the answer to the create had.
func (e *apiKeyEphemeral) Close(ctx context.Context, req ephemeral.CloseRequest, resp *ephemeral.CloseResponse) {
	opened, ok := e.opened(ctx, req.Private, &resp.Diagnostics)
	if !ok {
		return
	}
	keys := e.backend.Keys(opened.Subaccount)
	key, err := keys.Get(ctx, opened.ID)
	if err == nil && key.Name != opened.Name {
		resp.Diagnostics.AddError("Unable to delete API key", fmt.Sprintf("Key %s has the name %q, and this run made one named %q. It is not touched. If it is the one of this run, the service ends it by itself when it expires.", opened.ID, key.Name, opened.Name))
		return
	}
	if err == nil || errors.Is(err, backend.ErrForbidden) {
		err = keys.Delete(ctx, opened.ID)
	}
	if err != nil && !errors.Is(err, backend.ErrNotFound) {
		explain(&resp.Diagnostics, "delete", nounAPIKey, opened.Name+" ("+opened.ID+"), which the service ends by itself when it expires", err)
	}
}

// opened is the key that Open has made.
func (e *apiKeyEphemeral) opened(ctx context.Context, from privateState, diags *diag.Diagnostics) (openedKey, bool) {
	key := readPrivate[openedKey](ctx, from, diags)
	if key.ID == "" && !diags.HasError() {
		diags.AddError("Unable to read what was noted of the API key", "It names no key. The service ends the key by itself when it expires.")
	}
	return key, !diags.HasError() && ready(e.backend, diags)
}

// allowed checks what can be known before a key is made.
func (e *apiKeyEphemeral) allowed(ctx context.Context, m ephemeralKeyModel, diags *diag.Diagnostics) bool {
	account, err := e.backend.Account(ctx)
	if err != nil {
		explain(diags, "read", "account", "", err)
		return false
	}
	rules := account.KeyRules(!m.Subaccount.IsNull())
	if !rules.Expiry {
		diags.AddError("A key for one run needs an expiry",
			"Platform "+account.Platform+" has no expiry of keys: a run that is killed would leave this one behind for ever. Use the resource postern_apikey, or postern_subaccount_apikey.")
		return false
	}
	if own := account.ExpiresAt; own != nil {
		now, err := e.backend.Now(ctx)
		if err != nil {
			explain(diags, "read the clock for", nounAPIKey, "", err)
			return false
		}
		if now.Add(m.lifetime()).After(*own) {
			diags.AddAttributeError(path.Root("lifetime"), "The key would outlive the provider's credential",
				fmt.Sprintf("Nobody gives what they do not hold, time included: the provider's credential expires at %s, which is in %s, and lifetime is %s. Set a shorter lifetime, or use a credential that lasts as long.",
					own.Format(time.RFC3339), own.Sub(now).Round(time.Second), m.lifetime()))
		}
	}
	e.policed(ctx, m, diags)
	return !diags.HasError()
}

// policed holds the key to the provider's policy, as far as it is about a key that is in
// no state.
func (e *apiKeyEphemeral) policed(ctx context.Context, m ephemeralKeyModel, diags *diag.Diagnostics) {
	var catalogue *plan.Catalogue // where it cannot be asked for, the service has its say
	if coming, err := readCatalogue(ctx, e.backend); err == nil {
		catalogue = coming.forPlan()
	}
	subject := plan.Subject{Kind: plan.KindAPIKey, Name: m.Name.ValueString(), Subaccount: m.Subaccount.ValueString()}
	addFindings(diags, e.policy.CheckScopes(toSet(m.Scopes), plan.NullSet(), catalogue, subject))
	if most := e.policy.MaxLifetime; most != 0 && m.lifetime() > most {
		diags.AddAttributeError(path.Root("lifetime"), plan.Forbidden, fmt.Sprintf("policy.max_lifetime lets a key live for at most %s, and lifetime is %s.", most, m.lifetime()))
	}
}
