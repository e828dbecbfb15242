package provider

import (
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/backend/mailchannels"
	"github.com/postern-dev/terraform-provider-postern/internal/backend/postern"
	"github.com/postern-dev/terraform-provider-postern/internal/backend/sendgrid"
)

// The variables that the vendors' own tools read their key from.
const (
	envSendGrid     = "SENDGRID_API_KEY"
	envMailChannels = "MAILCHANNELS_API_KEY"
)

const (
	regionGlobal = "global"
	regionEU     = "eu"
)

// service is one kind of API that the provider speaks to.
type service struct {
	envEndpoint   string            // empty where no variable changes the address,
	envAuthority  string            // or whom it must be certified by
	endpoint      string            // the default; empty for none
	regions       map[string]string // the address of each region; nil where there are none
	envCredential string
	credential    string // what it is, in words
	nameless      bool   // it tells nobody which account a credential belongs to
	open          func(backend.Settings) (backend.Backend, error)
}

// services are all of them, by the provider's platform attribute. A vendor's key is read
// from the vendor's variable only, and sent to no address from a variable: whoever has
// set POSTERN_ENDPOINT for a server of their own must not send it a key of SendGrid.
var services = map[string]service{
	"postern": {
		envEndpoint: envEndpoint, envAuthority: envCACertificate, envCredential: envAPIKey, credential: "an owner credential or a key that may manage keys",
		open: func(in backend.Settings) (backend.Backend, error) { return opened(postern.New(in)) },
	},
	"mailchannels": {
		nameless: true, endpoint: mailchannels.DefaultEndpoint, envCredential: envMailChannels, credential: "an API key of the account, made in the MailChannels Console",
		open: func(in backend.Settings) (backend.Backend, error) { return opened(mailchannels.New(in)) },
	},
	"sendgrid": {
		endpoint: sendgrid.Endpoint, regions: map[string]string{regionGlobal: sendgrid.Endpoint, regionEU: sendgrid.EndpointEU}, envCredential: envSendGrid, credential: "an API key of the account that may manage API keys",
		open: func(in backend.Settings) (backend.Backend, error) { return opened(sendgrid.New(in)) },
	},
}

// opened keeps a nil of one type from becoming a backend that is not nil.
func opened[B backend.Backend](b B, err error) (backend.Backend, error) {
	if err != nil {
		return nil, err
	}
	return b, nil
}

func platformNames() []string { return slices.Sorted(maps.Keys(services)) }

// service returns the one that the configuration asks for. No variable of the environment
// does: POSTERN_PLATFORM is the server's, and means the platform of its account.
func (m *providerModel) service(diags *diag.Diagnostics) (service, bool) {
	name := defaultPlatform
	if !m.Platform.IsNull() {
		name = m.Platform.ValueString() // one of services, by its validator
	}
	to := services[name]
	if m.Region.IsNull() {
		return to, true
	}
	at := path.Root("region")
	switch {
	case to.regions == nil:
		diags.AddAttributeError(at, "A region is SendGrid's", "The platform "+name+" has no regions. Remove region.")
		return to, false
	case !m.Endpoint.IsNull():
		diags.AddAttributeError(at, "Region and endpoint", "Each of them says where SendGrid is. Remove one of the two.")
		return to, false
	}
	to.endpoint = to.regions[m.Region.ValueString()] // one of them, by its validator
	return to, true
}
