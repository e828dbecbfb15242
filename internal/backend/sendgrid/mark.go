package sendgrid

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// A mark is a random end of a new key's name. SendGrid shows of a key nothing but its id,
// its name and its scopes, so that only a name can prove that a key is of one call. The
// mark is taken off once the answer has come.
const (
	markWord    = " terraform-"
	markDigits  = 12
	commonName  = 100 // characters that a name may surely have
	renameScope = "api_keys.update"
)

var marks = regexp.MustCompile(markWord + "[0-9a-z]{12}$")

// withMark is the name with a mark. A long one is cut, so that no name is too long because
// of its mark.
func withMark(name string) string {
	runes := []rune(name)
	longest := max(commonName, len(runes)) - len(markWord) - markDigits
	return string(runes[:min(len(runes), longest)]) + markWord + secret.Random("base36", markDigits)
}

// madeFor is the name without its mark; empty where it has none.
func madeFor(name string) string {
	if at := marks.FindStringIndex(name); at != nil {
		return name[:at[0]]
	}
	return ""
}

// mayRename reports whether the calling key may take a mark off again.
func (b *Backend) mayRename(ctx context.Context) bool {
	held, err := b.scopes(ctx)
	return err == nil && slices.Contains(held, renameScope)
}

// isNamed compares names as they are kept: that SendGrid cuts spaces off is not excluded.
func isNamed(key wireKey, name string) bool {
	return strings.TrimSpace(key.Name) == strings.TrimSpace(name)
}
