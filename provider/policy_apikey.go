package provider

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/plan"
	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

// checkGranted holds what the service really gave a key to the policy. A service may give more
// than it was asked for, and then the plan could not know. It reports whether the key may be;
// else the state holds the key as it is, so that it can be found and removed.
func checkGranted(p plan.Policy, key apiKeyModel, planned types.Set, exists bool, diags *diag.Diagnostics) bool {
	given, _ := stringsOf(key.Scopes)
	effective, _ := stringsOf(key.EffectiveScopes)
	given = scope.Normal(slices.Concat(given, effective))
	asked, known := stringsOf(planned)
	var why []string
	if refused := slices.DeleteFunc(slices.Clone(given), func(name string) bool { return p.Forbids(name) == "" }); len(refused) > 0 {
		why = append(why, "policy.forbid_scopes forbids "+quoted(refused))
	}
	if more := scope.Added(asked, given); known && exists && p.Widening == plan.Deny && len(more) > 0 {
		why = append(why, fmt.Sprintf("policy.widening is %q, and nobody asked for %s", plan.Deny, quoted(more)))
	}
	if len(why) == 0 {
		return true
	}
	diags.AddAttributeError(path.Root("effective_scopes"), plan.Forbidden,
		fmt.Sprintf("The service gave key %s more than the plan showed: %s. The key was made or changed all the same, and it works: take from it what is too much, or delete it, and find out what changed what a scope grants.",
			key.called(key.ID), strings.Join(why, "; ")))
	return false
}
