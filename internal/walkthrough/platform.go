package main

import (
	"fmt"
	"strings"
)

// platform is what the walkthrough shows on one platform: which scopes it asks
// for, what must follow from them, and what the platform allows. What it does not
// allow is tried all the same, and has to be refused.
type platform struct {
	name    string
	example string // the folder of its Terraform configuration
	shipped bool   // the example's own settings are for this platform

	granted string // asked for; empty where keys have no scopes
	implied string // granted only because granted implies it; empty for nothing
	lacking string // not granted
	// refusal is what a gateway's caller is answered that asks for lacking, or
	// shows a wrong password where there are no scopes: the platform's own words.
	refusal string
	// gatewayScope is what a gateway's own key needs on the platform; empty
	// where no key may verify, so that it gets a limited credential of the account.
	gatewayScope string

	replaced bool // keys keep their secret: a new key takes the place of the old one
	// overlap is for how long a rotation keeps the old secret good; "" leaves
	// the example's own setting, and "0s" ends the old secret at once.
	overlap  string
	password bool // a key is an API user: a username, and a password that is chosen

	second     []string // the scopes of the second key
	added      string   // a scope that an edit adds to them; empty where they never change
	disable    bool     // keys may be turned off and on
	expiry     bool     // keys may expire
	limit      int      // the most keys of the account; 0 for no limit
	openScopes bool     // accounts define scopes of their own

	subaccounts bool // accounts have customers, with keys of their own
	fixedScopes bool // which hold granted, and have no choice

	hourly int // the most requests of an hour; 0 for no limit
}

var platforms = []platform{
	{
		name: "postern", example: quickstart, shipped: true,
		granted: "write", implied: "read", lacking: "admin", gatewayScope: "verify",
		refusal: `{"code":"missing_scope","detail":"The API key lacks the scope admin."}`,
		second:  []string{"write"}, added: "audit:read", disable: true, expiry: true, openScopes: true, subaccounts: true,
	},
	{
		name: "benchmark", example: quickstart, overlap: "0s",
		granted: "contacts:write", implied: "contacts:read", lacking: "campaigns:write",
		refusal: `{"errors":[{"errorType":"ForbiddenError","message":"API key missing required scope: campaigns:write"}]}`,
		second:  []string{"contacts:write"}, added: "reports:read", disable: true, expiry: true, limit: 10, hourly: 3600,
	},
	{
		name: "sendgrid", example: replacement, shipped: true, replaced: true,
		granted: "mail.send", lacking: "alerts.read",
		refusal: `{"errors":[{"field":null,"message":"access forbidden"}]}`,
		second:  []string{"mail.send"}, added: "stats.read", limit: 100, subaccounts: true,
	},
	{
		name: "mailchannels", example: replacement, replaced: true,
		granted: "api", lacking: "inbound",
		refusal: `{"errors":["The API key lacks the scope inbound."]}`,
		second:  []string{"api", "inbound"}, limit: 100, subaccounts: true, fixedScopes: true,
	},
	{
		name: "dotdigital", example: apiUser, shipped: true, password: true, overlap: "0s",
		refusal: `{"message":"Error: ERROR_APIUSER_INVALID"}`,
		disable: true,
	},
}

func platformNames() []string {
	var names []string
	for _, p := range platforms {
		names = append(names, p.name)
	}
	return names
}

// choices are the names of the platforms.
func choices() string {
	return inWords(platformNames())
}

// inWords lists what there is to choose from.
func inWords(names []string) string {
	last := len(names) - 1
	if last == 0 {
		return names[0]
	}
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

func platformNamed(name string) (platform, error) {
	for _, p := range platforms {
		if p.name == name {
			return p, nil
		}
	}
	return platform{}, fmt.Errorf("platform %q is not known; use %s", name, choices())
}

// hasOverlap reports whether the old secret lives on after a rotation.
func (p platform) hasOverlap() bool { return !p.replaced && p.overlap != "0s" }

// scopes are those that the example's key asks for.
func (p platform) scopes() []string {
	if p.granted == "" {
		return nil
	}
	return []string{p.granted}
}

// secondUse is the scope that the second key is used for.
func (p platform) secondUse() string {
	switch {
	case p.added != "":
		return p.added
	case len(p.second) > 0:
		return p.second[0]
	}
	return ""
}

// variables are what the example is given. The platform that it is written for
// gets it as it is shipped; another one has scopes of its own.
func (p platform) variables() []string {
	if p.shipped {
		return nil
	}
	set := []string{fmt.Sprintf("TF_VAR_scopes=[%q]", p.granted)}
	if p.overlap != "" {
		set = append(set, "TF_VAR_overlap="+p.overlap)
	}
	return set
}

// noun is what a key is.
func (p platform) noun() string {
	if p.password {
		return "API user"
	}
	return "key"
}

// proof is what a caller shows of a key.
func (p platform) proof() string {
	if p.password {
		return "password"
	}
	return "secret"
}

// summary is what a walk on the platform has shown.
func (p platform) summary() []string {
	grants := "a plan says what a key really grants, and the key grants that and nothing else"
	if p.password {
		grants = "the password is in Terraform's hands for the apply only: no plan and no state holds it"
	}
	change := "a rotation is planned with its reason and keeps the id; the old " + p.proof() + " "
	switch {
	case p.replaced:
		change = "where keys keep their secret, Terraform makes the new key before the old one goes"
	case p.hasOverlap():
		change += "stays good for its overlap"
	default:
		change += "ends at once, as on this platform"
	}
	said := []string{grants, change, "a plan right after an apply is empty", "what the platform does not allow is refused, with a reason"}
	if p.subaccounts {
		said = append(said, "a customer's keys stop when the customer is suspended, and end with it")
	}
	ends := []string{"is deleted"}
	if p.disable {
		ends = append(ends, "is turned off")
	}
	if p.expiry {
		ends = append(ends, "expires")
	}
	return append(said, "from the moment a key "+inWords(ends)+", its callers are refused")
}
