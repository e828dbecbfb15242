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
// a secret that nobody knows, and is deleted. It is the one with the name that was
// not there before; where several are, others made some of them, and none is
// touched.
func (k keys) lost(ctx context.Context, err error, name string, before []wireKey, known bool) error {
	if !errors.Is(err, vendor.ErrLost) {
		return k.told(ctx, err)
	}
	out := &backend.Error{Message: strings.TrimSuffix(err.Error(), ".") + ". ", Err: err}
	look := fmt.Sprintf("Look in SendGrid for an API key named %q that nobody uses, and delete it.", name)
	if !known {
		out.Message += "Whether a key was made is not known, because the API key that Terraform uses may not list keys. " + look
		return out
	}
	tidy, cancel := context.WithTimeout(context.WithoutCancel(ctx), tidyWithin)
	defer cancel()
	after, listErr := k.list(tidy, k.subuser)
	if listErr != nil {
		out.Message += "Whether a key was made is not known, because the keys cannot be listed now. " + look
		return out
	}
	switch fresh := appeared(before, after, name); len(fresh) {
	case 0:
		out.Message += "No key was made, as far as SendGrid's list shows. Try again."
	case 1:
		if err := k.discard(ctx, fresh[0]); err != nil {
			out.Message += fmt.Sprintf("The key %s was made, its secret is lost, and it could not be deleted: delete it in SendGrid. %v", fresh[0], err)
		} else {
			out.Message += fmt.Sprintf("The key %s was made all the same and its secret is lost, so it was deleted again. Try again.", fresh[0])
		}
	default:
		out.Message += fmt.Sprintf("Meanwhile %d keys named %q were made: %s. One may be of this request, with a lost secret. None was deleted; delete the one that nobody uses.",
			len(fresh), name, strings.Join(fresh, ", "))
	}
	return out
}

// appeared are the ids of that name that are new.
func appeared(before, after []wireKey, name string) []string {
	old := map[string]bool{}
	for _, one := range before {
		old[one.ID] = true
	}
	var fresh []string
	for _, one := range after {
		if one.Name == name && !old[one.ID] {
			fresh = append(fresh, one.ID)
		}
	}
	return fresh
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
