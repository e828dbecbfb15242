package mailchannels

import (
	"context"
	"fmt"
	"slices"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// looks is how often a new key is looked for in the list before it is believed not to be there.
const looks = 3

// prove looks for a new key in the list. Ids count up: one that no key has yet will be that of
// somebody else's key, which a destroy would delete. A list that cannot be read proves
// nothing, and a secret that was minted must not be lost for that.
func (k *keys) prove(ctx context.Context, o old, made wireKey) (backend.IssuedAPIKey, error) {
	out := backend.IssuedAPIKey{APIKey: k.converted(made), Secret: secret.From(made.Key)}
	for look := range looks {
		if look > 0 {
			k.wait(ctx)
		}
		after, err := k.believed(ctx, o)
		if err != nil {
			return out, nil
		}
		if i := slices.IndexFunc(after, func(w wireKey) bool { return w.id() == out.ID }); i >= 0 {
			out.APIKey = k.converted(after[i]) // the hint as the list shows it, or the next refresh would find another one
			return out, nil
		}
	}
	k.seen.Remove(out.ID) // a key that is made later may have it
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanup)
	defer cancel()
	return backend.IssuedAPIKey{}, &backend.Error{Message: fmt.Sprintf("MailChannels answered that it made the API key %s in the sub-account %q, and its list does not show it, also after a while. So no key is taken for it. %s",
		out.ID, k.handle, k.whatIsNew(ctx, o))}
}
