package sendgrid

import (
	"errors"
	"net/http"
	"net/mail"
	"net/netip"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// newSubuser is the answer to a new subuser. Older answers had two tokens more, which were credentials for a page that
// there is none of here.
type newSubuser struct {
	Username         string           `json:"username"`
	UserID           int64            `json:"user_id"`
	Email            string           `json:"email"`
	CreditAllocation creditAllocation `json:"credit_allocation"`
	Region           string           `json:"region,omitempty"` // only when the request asks for it
}

type creditAllocation struct {
	Type string `json:"type"`
}

// createSubuser makes a sub-account, with the e-mail address for its name. The IP addresses
// are checked and forgotten, and the password is looked at only to see that there is one. Nobody
// signs in here with it, so nothing of it is kept, hashed or logged.
func createSubuser(c *call) error {
	in, err := c.object("username", "email", "password", "ips", "region", "include_region")
	if err != nil {
		return err
	}
	out, shown, err := in.subuser()
	if err != nil {
		return err
	}
	v, err := c.config.Keyring.CreateSubaccount(c.r.Context(), c.who, keyring.NewSubaccount{Handle: out.Username, Name: out.Email})
	if e, ok := errors.AsType[*keyring.Error](err); ok && e.Code == api.CodeLimitReached {
		return bare(http.StatusForbidden, "User does not have permission to create subuser")
	}
	if err != nil {
		return err
	}
	out.UserID = number(v.ID)
	if shown {
		out.Region = regionGlobal
	}
	status := http.StatusOK
	if c.config.Quirks.SubuserCreated {
		status = http.StatusCreated
	}
	return c.reply(status, out)
}

// subuser reads what a new one is to be, and whether its region is asked for. All
// that is wrong is told at once.
func (o object) subuser() (out newSubuser, region bool, err error) {
	all := &fault{status: http.StatusBadRequest}
	note := func(f *fault) {
		if f != nil {
			all.Errors = append(all.Errors, f.Errors...)
		}
	}
	out.CreditAllocation.Type = "unlimited"
	var f *fault
	out.Username, f = o.text("username")
	if f == nil && isReserved(out.Username) {
		f = invalid("username", "must be another one: SendGrid's own paths have this one")
	}
	note(f)
	out.Email, f = o.text("email")
	if f == nil && !isEmail(out.Email) {
		f = invalid("email", "must be an e-mail address")
	}
	note(f)
	_, f = o.text("password")
	note(f)
	ips, f := o.texts("ips")
	if f == nil && !allIPv4(ips) {
		f = bare(http.StatusBadRequest, "unable to validate IPs at this time")
	}
	note(f)
	if o.has("region") {
		wanted, f := o.text("region")
		if f == nil && wanted != regionGlobal {
			f = invalid("region", "must be global: this server has no other region")
		}
		note(f)
	}
	region, f = o.boolean("include_region")
	note(f)
	if len(all.Errors) > 0 {
		return newSubuser{}, false, all
	}
	return out, region, nil
}

// isEmail reports whether the text is an address alone, without a name. Addresses are
// at most 254 bytes long (RFC 5321).
func isEmail(text string) bool {
	const most = 254
	a, err := mail.ParseAddress(text)
	return err == nil && len(text) <= most && a.Address == text
}

func allIPv4(texts []string) bool {
	for _, text := range texts {
		if a, err := netip.ParseAddr(text); err != nil || !a.Is4() {
			return false
		}
	}
	return true
}

// replaceIPs answers the addresses that were sent. Sub-accounts of ours have none, so
// all that is asked of the keyring is whether the caller may change this one.
func replaceIPs(c *call) error {
	ips, err := c.array("ips")
	if err != nil {
		return err
	}
	if !allIPv4(ips) {
		return bare(http.StatusBadRequest, "unable to validate IPs at this time")
	}
	if err := c.change(keyring.SubaccountChange{}); err != nil {
		return err
	}
	return c.reply(http.StatusOK, map[string][]string{"ips": ips})
}

func isNotFound(err error) bool {
	e, ok := errors.AsType[*keyring.Error](err)
	return ok && e.Code == api.CodeNotFound
}
