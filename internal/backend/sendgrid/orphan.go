package sendgrid

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/backend/vendor"
)

// tidyWithin bounds the clean-up after a create, which also happens when its caller has
// given up.
const tidyWithin = time.Minute

// lost explains an error of a create. If its answer was lost, the key may be there with
// a secret that nobody knows. It is deleted if its mark proves it to be of this call; a
// key of which nothing is proved is named, and stays.
func (c *creation) lost(ctx context.Context, err error) error {
	if !errors.Is(err, vendor.ErrLost) {
		return c.told(ctx, err)
	}
	out := &backend.Error{Message: strings.TrimSuffix(err.Error(), ".") + ". ", Err: err}
	tidy, cancel := context.WithTimeout(context.WithoutCancel(ctx), tidyWithin)
	defer cancel()
	out.Message += c.tidyUp(tidy)
	return out
}

// tidyUp does what can be done after a lost answer, and says it.
func (c *creation) tidyUp(ctx context.Context) string {
	look := fmt.Sprintf("Look in SendGrid, under Settings, API Keys, for a key named %q that nobody uses, and delete it.", c.name)
	if !c.listed {
		return "Whether a key was made is not known, because the API key that Terraform uses may not list keys. " + look
	}
	fresh, err := c.fresh(ctx)
	switch {
	case err != nil:
		return "Whether a key was made is not known, because the keys cannot be listed now. " + look + " " + explained(err).Error()
	case len(fresh) == 0:
		return "No key was made, as far as SendGrid's list shows. Should one named " + fmt.Sprintf("%q", c.name) + " show up later, nobody has its secret: delete it. Try again."
	case len(fresh) == 1 && c.marked && c.isProved(ctx, fresh[0]):
		if err := c.discard(ctx, fresh[0]); err != nil {
			return fmt.Sprintf("The key %s was made, its secret is lost, and it could not be deleted: delete it in SendGrid. %v", fresh[0], err)
		}
		return fmt.Sprintf("The key %s was made all the same and its secret is lost, so it was deleted again. Try again.", fresh[0])
	}
	return fmt.Sprintf("Since then SendGrid shows under the name %q what it did not show before: %s. Nothing proves which of it is of this request, so nothing was deleted. "+
		"A key of this request has a secret that nobody knows: find out who uses these keys, and delete the one that nobody uses in SendGrid, under Settings, API Keys. Then try again.", c.name, strings.Join(fresh, ", "))
}

// isProved asks for the key by itself. The list may be wrong about it, and what is deleted
// is gone for good.
func (c *creation) isProved(ctx context.Context, id string) bool {
	key, err := c.read(ctx, id)
	return err == nil && isNamed(wireKey{Name: key.Name}, c.name)
}

// discard deletes a key that was made in vain, also for a caller who has given up.
func (k keys) discard(ctx context.Context, id string) error {
	tidy, cancel := context.WithTimeout(context.WithoutCancel(ctx), tidyWithin)
	defer cancel()
	path, err := keyPath(id)
	if err != nil {
		return err
	}
	err = k.call(tidy, k.subuser, vendor.Call{Method: http.MethodDelete, Path: path, Route: routeKey})
	if status(err) == http.StatusNotFound {
		return nil
	}
	return err
}
