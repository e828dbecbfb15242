package server

import (
	"net/http"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/vendorapi/mailchannels"
	"github.com/postern-dev/terraform-provider-postern/internal/vendorapi/sendgrid"
)

// vendors are the vendors' own paths, by how they begin. They are always there, and
// each answers the accounts of its platform only: an account may be made while the
// server runs, and a path that came and went with it would need a second rule for
// who may see it. To everybody else they tell no more than the management API does.
func (c Config) vendors(k *keyring.Keyring) map[string]http.Handler {
	return map[string]http.Handler{
		mailchannels.Prefix: mailchannels.New(mailchannels.Config{Keyring: k, Log: c.Log, Quirks: c.MailChannels}),
		sendgrid.Prefix:     sendgrid.New(sendgrid.Config{Keyring: k, Log: c.Log, Quirks: c.SendGrid}),
	}
}
