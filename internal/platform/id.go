package platform

import (
	"strings"

	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// How the ids of a platform's keys are written.
const (
	IDsOpaque   = "opaque"    // key_ and 20 characters
	IDsInSecret = "in_secret" // a part of the secret, which shows whose it is
	IDsNumber   = "number"    // a whole number, at most 2^53-1, so that JavaScript reads it exactly
)

const (
	opaqueLength = 20
	numberLength = 15
)

// NewKeyID makes the id of a new key, at random.
func (p *Platform) NewKeyID() string {
	switch p.IDs {
	case IDsInSecret:
		return secret.Random(p.Secret.Alphabet, p.Secret.IDLength)
	case IDsNumber:
		return secret.Random("nonzero", 1) + secret.Random("digits", numberLength-1)
	}
	return "key_" + secret.Random("base62", opaqueLength)
}

// IsKeyID reports whether the text could come from NewKeyID.
func (p *Platform) IsKeyID(text string) bool {
	switch p.IDs {
	case IDsInSecret:
		return len(text) == p.Secret.IDLength && secret.Of(p.Secret.Alphabet, text)
	case IDsNumber:
		return len(text) == numberLength && text[0] != '0' && secret.Of("digits", text)
	}
	random, ok := strings.CutPrefix(text, "key_")
	return ok && len(random) == opaqueLength && secret.Of("base62", random)
}
