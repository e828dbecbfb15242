package provider

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

// attributes says where a field of a request stands in HCL, where that differs
// from its name at the root.
var attributes = map[string]path.Path{
	"overlap": path.Root("rotation").AtName("overlap"),
	"secret":  path.Root("secret_wo"),

	"delete_apikeys": path.Root("delete_apikeys_on_destroy"),
}

// known are the attributes that a service's complaint can be pinned to.
var known = []string{"name", "description", "scopes", "enabled", "expires_at", "handle", "status", "apikey_limit", "send_limit", "email", "ip_addresses", "group", "class", "implies"}

// What the provider calls the things that it manages.
const (
	nounAPIKey     = "API key"
	nounSubaccount = "sub-account"
	nounScope      = "scope"
)

// explain adds what went wrong with one request: what was tried, on what, what
// the service said, and under which request id its log tells more. A complaint
// about a field is pinned to its attribute.
func explain(diags *diag.Diagnostics, verb, noun, which string, err error) {
	summary := fmt.Sprintf("Unable to %s %s", verb, noun)
	if which != "" {
		noun += " " + which
	}
	var failed *backend.Error
	if !errors.As(err, &failed) {
		diags.AddError(summary, fmt.Sprintf("%s: %v.", noun, err))
		return
	}
	tail := ""
	if failed.RequestID != "" {
		tail = "\n\nThe server's log has more under request id " + failed.RequestID + "."
	}
	pinned := false
	for _, field := range slices.Sorted(maps.Keys(failed.Fields)) {
		at, ok := attributes[field]
		if !ok && slices.Contains(known, field) {
			at, ok = path.Root(field), true
		}
		if ok {
			diags.AddAttributeError(at, summary, fmt.Sprintf("%s: %s %s.\n\n%s%s", noun, at, failed.Fields[field], failed.Message, tail))
			pinned = true
		}
	}
	if !pinned {
		diags.AddError(summary, noun+": "+failed.Message+tail)
	}
}

// unchecked says that something could not be asked for. A service that cannot
// be reached makes no plan wrong; any other answer, such as a credential that
// is refused, would fail the apply too.
func unchecked(diags *diag.Diagnostics, what string, err error) {
	if errors.Is(err, backend.ErrUnreachable) {
		diags.AddWarning("The plan could not be checked", fmt.Sprintf("%v The plan goes on without the %s; the apply will need the service.", err, what))
		return
	}
	explain(diags, "read", what, "", err)
}
