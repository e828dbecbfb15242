package strictjson

import (
	"slices"
	"strings"

	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

// Hint says what may have been meant instead of an unknown name.
func Hint(name string, known []string) string {
	if nearest := scope.Nearest(name, known); nearest != "" {
		return "; the nearest is \"" + nearest + "\""
	}
	if len(known) == 0 {
		return ", which takes none"
	}
	return "; known are " + strings.Join(slices.Sorted(slices.Values(known)), ", ")
}

// Shown is a name that a caller made up, fit to be repeated to it. Whatever does
// not look like a name is not repeated: it could be a secret in the wrong place.
func Shown(name string) string {
	const most = 32 // shorter than any platform's secret
	if name == "" || len(name) > most {
		return "(a name of another kind)"
	}
	for _, c := range []byte(name) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune("_-.[]", rune(c)) {
			return "(a name of another kind)"
		}
	}
	return name
}
