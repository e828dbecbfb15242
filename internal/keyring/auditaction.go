package keyring

import (
	"fmt"
	"slices"
	"strings"

	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

// actionTrim is the action of removing the oldest records of a trail.
const actionTrim = "audit.trim"

// auditActions are all actions that a record may have, sorted. record refuses any
// other, so that no filter is ever told that an action in the trail does not
// exist.
var auditActions = []string{
	"account.create",
	"account.read",
	"account.set_standing",
	"apikey.create",
	"apikey.delete",
	"apikey.list",
	"apikey.lock",
	"apikey.read",
	"apikey.rotate",
	"apikey.unlock",
	"apikey.update",
	"apikey.usage",
	"audit.list",
	actionTrim,
	"authenticate",
	"clock.reset",
	actionRepeat,
	"owner.create",
	"owner.revoke",
	"scope.create",
	"scope.delete",
	"scope.list",
	"scope.read",
	"scope.update",
	"subaccount.create",
	"subaccount.delete",
	"subaccount.list",
	"subaccount.read",
	"subaccount.update",
	"verify",
	actionRefuse,
}

// AuditActions are the actions that records of the trail have, sorted.
func AuditActions() []string { return slices.Clone(auditActions) }

// checkAction says what is wrong with a filter by action: an action, or the
// beginning of some up to a dot.
func checkAction(action string) error {
	names := AuditActions()
	for _, a := range auditActions {
		if group, _, ok := strings.Cut(a, "."); ok && !slices.Contains(names, group+".") {
			names = append(names, group+".")
		}
	}
	if slices.Contains(names, action) {
		return nil
	}
	nearest := scope.Nearest(action, names)
	if nearest == "" {
		return fmt.Errorf("must be one of %s, or the beginning of some up to the dot, such as \"apikey.\"", quoted(auditActions))
	}
	return fmt.Errorf("is no action; the nearest is %q", nearest)
}
