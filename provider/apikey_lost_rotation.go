package provider

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// A rotation whose answer is lost has changed the key, and nobody holds the new secret. A
// second rotation would end the secret that consumers still use. So each rotation has a
// name that lies in the private state before it is asked for: the next apply asks for the
// first answer under that name, and gets it while the service keeps it, or learns that
// somebody else has rotated the key.

// lostRotation is what a rotation was asked for with. Only the same request gets the same
// answer.
type lostRotation struct {
	Revision  int64         `json:"revision"`
	Overlap   time.Duration `json:"overlap"`
	Renewal   bool          `json:"renewal,omitempty"` // it set a new expiry
	ExpiresAt *time.Time    `json:"expires_at,omitempty"`
}

// rotation is the request.
func (l lostRotation) rotation(name string, chosen secret.Secret) backend.Rotation {
	in := backend.Rotation{Overlap: l.Overlap, Secret: chosen, Name: name}
	if l.Renewal {
		in.ExpiresAt = &backend.Expiry{At: l.ExpiresAt}
	}
	return in
}

// newRotationName names the next rotation; empty where a rotation makes a new key.
func newRotationName(rules keyRules) string {
	if !rules.Rotate || rules.Replace {
		return ""
	}
	return rand.Text()
}

// isUnclaimed reports whether the key is one rotation ahead of a state that holds the
// secret from before it.
func (m apiKeyMemory) isUnclaimed(state placedKey, key backend.APIKey) bool {
	return m.RotationName != "" && !state.Secret.IsNull() && !state.SecretVersion.IsNull() && state.SecretVersion.ValueInt64()+1 == m.version(key)
}

// keepUnclaimed puts back what the state holds of the secret, for an apply to ask for the
// lost answer.
func (k *placedKey) keepUnclaimed(before placedKey, memory *apiKeyMemory, diags *diag.Diagnostics) {
	k.Secret, k.SecretHint, k.SecretVersion = before.Secret, before.SecretHint, before.SecretVersion
	k.SecretCreatedAt, k.PreviousSecretExpiresAt = before.SecretCreatedAt, before.PreviousSecretExpiresAt
	memory.Unclaimed = true
	diags.AddAttributeWarning(path.Root("secret"), fmt.Sprintf("API key %s was rotated, and the state does not hold its new secret", k.ID.ValueString()),
		"A run before this one asked for a rotation and did not get the answer, or somebody else rotated the key. The next apply asks the service for that answer again and rotates nothing: "+
			"it keeps it for 24 hours. If there is none, secret becomes null. The old secret, which the state still holds, is good until its overlap ends.")
}

// claim asks for the answer to a lost rotation. It reports whether to go on; the key may
// have been rotated by somebody else.
func (u *apiKeyUpdate) claim(ctx context.Context, diags *diag.Diagnostics) bool {
	lost := lostRotation{Revision: u.memory.Revision, Overlap: u.plan.overlapOf(u.rules.MaxOverlap)}
	if u.memory.LostRotation != nil {
		lost = *u.memory.LostRotation
	}
	id := u.state.ID.ValueString()
	var issued backend.IssuedAPIKey
	err := backend.ErrStale
	if lost.Revision != 0 { // without a revision a request that nobody remembers would rotate once more
		issued, err = u.keys.Rotate(ctx, id, lost.rotation(u.memory.RotationName, secret.Secret{}), lost.Revision)
	}
	if errors.Is(err, backend.ErrStale) {
		if issued.APIKey, err = u.keys.Get(ctx, id); err == nil {
			diags.AddAttributeWarning(path.Root("secret"), fmt.Sprintf("API key %s was rotated outside of Terraform", id),
				fmt.Sprintf("Key %s is at secret version %d, and the service has no answer for this state any more. The current secret is known only to who rotated it, so secret is null from now on. "+
					"To get a secret into the state again, change rotate_when_changed.", u.state.which(), u.memory.version(issued.APIKey)))
		}
	}
	if err != nil {
		explain(diags, "ask for the lost rotation of", nounAPIKey, u.state.which(), err)
		return false
	}
	u.memory = u.memory.afterRotation(issued.Revision, u.rules)
	u.state.fill(issued.APIKey, u.rules, u.memory)
	if u.state.Secret = types.StringNull(); !issued.Secret.IsZero() {
		u.state.takeSecret(issued)
	}
	return true
}
