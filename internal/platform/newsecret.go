package platform

import (
	"fmt"

	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// NewSecret makes a secret that a key of the platform can be given: a minted one, or a
// password where keys are API users. It fails where a secret holds its key's id, which
// nobody knows before the key is made.
func (p *Platform) NewSecret() (secret.Secret, error) {
	switch {
	case p.Password != nil:
		return p.Password.New(), nil
	case p.Secret.IDLength > 0:
		return secret.Secret{}, fmt.Errorf("a secret holds the id of its key, so that only %s can make it", p.Title)
	}
	return p.Secret.Mint(""), nil
}

// passwordLength has 256 bits at random, as a minted secret does.
const passwordLength = 43

// New makes a password at random that Check accepts.
func (r PasswordRules) New() secret.Secret {
	for {
		s := secret.From(secret.Random("base62", max(passwordLength, r.MinLength)))
		// About one in two thousand has no digit.
		if r.Check(s.Reveal()) == nil {
			return s
		}
	}
}
