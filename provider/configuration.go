package provider

import (
	"os"
	"strconv"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

// The environment variables that stand in for configuration left out.
const (
	envEndpoint       = "POSTERN_ENDPOINT"
	envAPIKey         = "POSTERN_API_KEY"
	envCACertificate  = "POSTERN_CA_CERTIFICATE"
	envRequestTimeout = "POSTERN_REQUEST_TIMEOUT"
	envMaxRetries     = "POSTERN_MAX_RETRIES"
	envSubaccount     = "POSTERN_SUBACCOUNT"
)

// mostRetries is what the client allows; the validator says so on the attribute.
const mostRetries = 20

type providerModel struct {
	Platform       types.String         `tfsdk:"platform"`
	Region         types.String         `tfsdk:"region"`
	Endpoint       types.String         `tfsdk:"endpoint"`
	APIKey         types.String         `tfsdk:"api_key"`
	AccountID      types.String         `tfsdk:"account_id"`
	CACertificate  types.String         `tfsdk:"ca_certificate"`
	RequestTimeout timetypes.GoDuration `tfsdk:"request_timeout"`
	MaxRetries     types.Int64          `tfsdk:"max_retries"`
	Subaccount     types.String         `tfsdk:"subaccount"`
	Policy         types.Object         `tfsdk:"policy"`
}

func configurationAttributes() map[string]schema.Attribute {
	leftOut := func(env string) string { return " Left out, the environment variable `" + env + "` is used" }
	return map[string]schema.Attribute{
		"platform": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Whose API the provider speaks to: `postern`, the management API of a Postern server, whatever platform the account there is on; `sendgrid` or `mailchannels`, the vendor's own. Default `postern`.",
			Validators:          []validator.String{stringvalidator.OneOf(platformNames()...)},
		},
		"region": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Region of a SendGrid account: `global` or `eu`. Only with the platform `sendgrid`, and without `endpoint`. Default `global`.",
			Validators:          []validator.String{stringvalidator.OneOf(regionGlobal, regionEU)},
		},
		"endpoint": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Address of the management API, such as `https://postern.example.com`." + leftOut(envEndpoint) + "; there is no default. " +
				"With the platform `sendgrid` or `mailchannels` it is the vendor's own address by default, and no environment variable changes it: a vendor's key must not reach another host by accident.",
		},
		"api_key": schema.StringAttribute{
			Optional:  true,
			Sensitive: true,
			MarkdownDescription: "Credential that manages the keys: an owner credential, or a key whose scopes give the right." +
				leftOut(envAPIKey) + ", which keeps it out of configuration files; with the platform `sendgrid` it is `" + envSendGrid + "`, with `mailchannels` `" + envMailChannels + "`.",
		},
		"account_id": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Id of the account that this configuration is for, as the data source `postern_account` shows it. With a credential of another account nothing is read, planned or made, also when a saved plan is applied: " +
				"what a plan creates is in no state yet that would name an account. Not with the platform `mailchannels`, which tells no account. Default: whatever account the credential belongs to.",
			Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
		},
		"ca_certificate": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Certificates of the authorities that the server's certificate may come from, as PEM text; read a file with `file()`. No others are trusted then." +
				leftOut(envCACertificate) + ", which holds PEM text too; not with the platform `sendgrid` or `mailchannels`. Default the system's authorities.",
		},
		"request_timeout": schema.StringAttribute{
			Optional: true, CustomType: timetypes.GoDurationType{},
			MarkdownDescription: "How long one attempt of a request may take, as a duration such as `30s`." + leftOut(envRequestTimeout) + ". Default `30s`.",
			Validators:          []validator.String{duration{positive: true}},
		},
		"max_retries": schema.Int64Attribute{
			Optional: true,
			MarkdownDescription: "How often a request is tried again when the server is overloaded, limits the rate or does not answer, 0 to 20." +
				leftOut(envMaxRetries) + ". Default `5`.",
			Validators: []validator.Int64{int64validator.Between(0, mostRetries)},
		},
		"subaccount": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Handle of the sub-account for each `postern_subaccount_apikey`, its data sources and the ephemeral `postern_apikey` that leave `subaccount` out." +
				leftOut(envSubaccount) + ". Default none: a key of a sub-account must then say whose it is, and the ephemeral key is the account's own.",
			Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
		},
	}
}

// unknown reports whether something that is needed to reach the service is known
// after apply only.
func (m *providerModel) unknown() bool {
	return m.Platform.IsUnknown() || m.Region.IsUnknown() || m.Endpoint.IsUnknown() || m.APIKey.IsUnknown() || m.AccountID.IsUnknown() || m.CACertificate.IsUnknown() || m.RequestTimeout.IsUnknown() || m.MaxRetries.IsUnknown()
}

// setting resolves one value: the configuration wins over the environment. from
// says in words where it came from, for an error message. Without an env there is no
// variable.
func setting(value types.String, attribute, env string) (text, from string) {
	if !value.IsNull() || env == "" {
		return value.ValueString(), "the attribute " + attribute
	}
	return os.Getenv(env), "the environment variable " + env
}

// subaccount is the handle for what leaves it out; null for none.
func (m *providerModel) subaccount() types.String {
	if m.Subaccount.IsUnknown() {
		return m.Subaccount
	}
	handle, _ := setting(m.Subaccount, "subaccount", envSubaccount)
	return textLike(types.StringNull(), handle)
}

// connect makes the backend. What is wrong is said on its attribute, and where the
// value came from: nobody finds an environment variable in a configuration.
func (m *providerModel) connect(userAgent string, diags *diag.Diagnostics) backend.Backend {
	to, ok := m.service(diags)
	if !ok {
		return nil
	}
	endpoint, endpointFrom := setting(m.Endpoint, "endpoint", to.envEndpoint)
	credential, credentialFrom := setting(m.APIKey, "api_key", to.envCredential)
	if endpoint == "" {
		if endpoint = to.endpoint; endpoint == "" {
			diags.AddAttributeError(path.Root("endpoint"), "Missing endpoint",
				"Set endpoint to the address of the management API, or the environment variable "+to.envEndpoint+".")
		}
	}
	if credential == "" {
		diags.AddAttributeError(path.Root("api_key"), "Missing credential",
			"Set the environment variable "+to.envCredential+" to "+to.credential+", or set api_key.")
	}
	in := backend.Settings{UserAgent: userAgent, Timeout: m.timeout(diags), MaxRetries: m.retries(diags)}
	if diags.HasError() {
		return nil
	}
	authorities, authoritiesFrom := setting(m.CACertificate, "ca_certificate", to.envAuthority)
	if authorities == "" && !m.CACertificate.IsNull() {
		// Silently trusting the system's authorities is not what was meant.
		diags.AddAttributeError(path.Root("ca_certificate"), "Unable to configure the provider", "The ca_certificate is empty. Set it to PEM text, or remove it.")
		return nil
	}
	// One after the other, so that the first refusal is of the value just added.
	in.Endpoint, in.Credential = endpoint, "placeholder"
	var b backend.Backend
	for _, step := range []struct {
		attribute, from string
		add             func()
	}{
		{"endpoint", endpointFrom, func() {}},
		{"api_key", credentialFrom, func() { in.Credential = credential }},
		{"ca_certificate", authoritiesFrom, func() { in.CACertificate = authorities }},
	} {
		step.add()
		var err error
		if b, err = to.open(in); err != nil {
			invalid(diags, step.attribute, step.from, err.Error()+".")
			return nil
		}
	}
	return m.bound(b, to, diags)
}

// bound binds the backend to the account that is configured, if one is.
func (m *providerModel) bound(b backend.Backend, to service, diags *diag.Diagnostics) backend.Backend {
	switch {
	case m.AccountID.IsNull():
		return b
	case to.nameless:
		diags.AddAttributeError(path.Root("account_id"), "The platform tells no account", "Platform "+m.Platform.ValueString()+" tells nobody which account a credential belongs to. Remove account_id.")
		return nil
	}
	return backend.Bound(b, m.AccountID.ValueString())
}

func invalid(diags *diag.Diagnostics, attribute, from, why string) {
	diags.AddAttributeError(path.Root(attribute), "Unable to configure the provider", "With "+attribute+" from "+from+": "+why)
}

// timeout is 0 where the client's default holds.
func (m *providerModel) timeout(diags *diag.Diagnostics) time.Duration {
	text, from := setting(m.RequestTimeout.StringValue, "request_timeout", envRequestTimeout)
	if text == "" {
		return 0
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 || d%time.Second != 0 {
		invalid(diags, "request_timeout", from, "it must be a duration in whole seconds and longer than 0s, such as 30s, not "+strconv.Quote(text)+".")
	}
	return d
}

// retries is nil where the client's default holds.
func (m *providerModel) retries(diags *diag.Diagnostics) *int {
	if !m.MaxRetries.IsNull() {
		n := int(m.MaxRetries.ValueInt64())
		return &n
	}
	text := os.Getenv(envMaxRetries)
	if text == "" {
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > mostRetries {
		invalid(diags, "max_retries", "the environment variable "+envMaxRetries, "it must be a whole number from 0 to 20, not "+strconv.Quote(text)+".")
		return nil
	}
	return &n
}
