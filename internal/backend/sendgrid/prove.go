package sendgrid

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/backend/vendor"
)

// errNotThere is for a new key that SendGrid neither shows nor lists.
var errNotThere = errors.New("SendGrid has no such API key")

// looks is how often a new key is looked for before it is believed not to be there.
const looks = 3

// readNew reads the new key back. One that is not there, also in the list and after a while,
// is no key: an answer with a made-up id must not get into a state.
func (c *creation) readNew(ctx context.Context, id string) (backend.APIKey, error) {
	var key backend.APIKey
	var err error
	for look := range looks {
		if look > 0 && vendor.Sleep(ctx, c.settle) != nil {
			return key, err
		}
		if key, err = c.read(ctx, id); status(err) != http.StatusNotFound {
			return key, err
		}
		listed, listErr := c.listWith(ctx, c.in.Known)
		if listErr != nil || slices.ContainsFunc(listed, func(one wireKey) bool { return one.ID == id }) {
			return key, err // which proves nothing
		}
	}
	return key, errNotThere
}

// unproven is the error for a key that SendGrid says it made, and does not have.
func (c *creation) unproven(ctx context.Context, id string) error {
	tidy, cancel := context.WithTimeout(context.WithoutCancel(ctx), tidyWithin)
	defer cancel()
	return &backend.Error{Message: fmt.Sprintf("SendGrid answered that it made the API key %s, and has no such key, also after a while. So no key is taken for it. Check the endpoint, or a proxy on the way. %s", id, c.tidyUp(tidy))}
}
