package provider

import (
	"cmp"
	"context"
	"sync"

	"golang.org/x/text/unicode/norm"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

// namesakes are the keys by name, as they were before the run. A plan asks once a place: it is
// one run of a configured provider.
type namesakes struct {
	mu     sync.Mutex
	places map[string]*placeNames // by the handle of the sub-account
}

// placeNames are those of one place.
type placeNames struct {
	whole backend.Once[map[string][]string]

	mu    sync.Mutex
	asked int // for single names
}

func (n *namesakes) place(handle string) *placeNames {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.places == nil {
		n.places = map[string]*placeNames{}
	}
	if n.places[handle] == nil {
		n.places[handle] = &placeNames{}
	}
	return n.places[handle]
}

// of are the ids of the keys of a place, by name.
func (n *namesakes) of(ctx context.Context, b backend.Backend, handle string) (map[string][]string, error) {
	return n.place(handle).whole.Get(func() (map[string][]string, error) {
		found, err := b.Keys(handle).List(ctx, backend.APIKeyFilter{Brief: true})
		ids := map[string][]string{}
		for _, key := range found {
			name := norm.NFC.String(cmp.Or(key.MadeFor, key.Name)) // as Terraform keeps it
			ids[name] = append(ids[name], key.ID)
		}
		return ids, err
	})
}

// listed is about how many keys a service lists in one answer.
const listed = 500

// having are the ids of the keys of that name in a place of so many keys, for a service that
// can look for a name. Where many are asked for, reading all costs fewer requests.
func (n *namesakes) having(ctx context.Context, b backend.Backend, handle, name string, keys int) ([]string, error) {
	place := n.place(handle)
	place.mu.Lock()
	place.asked++
	all := place.asked > keys/listed
	place.mu.Unlock()
	if all {
		ids, err := n.of(ctx, b, handle)
		return ids[name], err
	}
	found, err := b.Keys(handle).List(ctx, backend.APIKeyFilter{Name: name, Brief: true})
	ids := make([]string, 0, len(found))
	for _, key := range found {
		ids = append(ids, key.ID)
	}
	return ids, err
}
