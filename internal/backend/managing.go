package backend

import (
	"slices"

	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

// Managing returns the scopes that by themselves let a key make, change or delete keys. rights
// tells what each one lets a key ask of the management API, in that API's words; a vendor's own
// API has the same rights under other words.
func Managing(scopes *scope.Catalogue, rights func(name string) []string) map[string]bool {
	managing := map[string]bool{}
	for _, name := range scopes.Names() {
		if slices.ContainsFunc(rights(name), managesKeys) {
			managing[name] = true
		}
	}
	return managing
}

func managesKeys(right string) bool {
	return right == "apikeys:create" || right == "apikeys:update" || right == "apikeys:delete"
}
