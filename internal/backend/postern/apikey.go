package postern

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client"
	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/outside"
)

// keys are the keys of one place.
type keys struct {
	service *client.APIKeyService
	reader  *reader
	now     func(context.Context) (time.Time, error) // the server's clock
}

// Keys implements backend.Backend. There is one reader a place, so that reads join.
func (b *Backend) Keys(subaccount string) backend.Keys {
	b.mu.Lock()
	defer b.mu.Unlock()
	if k, ok := b.places[subaccount]; ok {
		return k
	}
	service := b.service(subaccount)
	size := func(ctx context.Context) (int, error) {
		a, err := b.readAccount(ctx)
		return a.APIKeys.Used, err
	}
	if subaccount != "" {
		size = func(ctx context.Context) (int, error) {
			s, err := b.client.Subaccounts.Get(ctx, subaccount)
			if err != nil {
				return 0, err
			}
			return s.APIKeys.Used, nil
		}
	}
	k := keys{service, newReader(service, size), b.Now}
	if b.places == nil {
		b.places = map[string]keys{}
	}
	b.places[subaccount] = k
	return k
}

// service is the client's for the keys of a place.
func (b *Backend) service(subaccount string) *client.APIKeyService {
	if subaccount == "" {
		return b.client.APIKeys
	}
	return b.client.Subaccounts.APIKeys(subaccount)
}

// forget drops what was read ahead in all places, after a write that shows in many keys.
func (b *Backend) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, k := range b.places {
		k.reader.drop()
	}
}

// Get implements backend.Keys.
func (k keys) Get(ctx context.Context, id string) (backend.APIKey, error) {
	return k.reader.get(ctx, id, true)
}

// Refresh implements backend.Keys.
func (k keys) Refresh(ctx context.Context, id string) (backend.APIKey, error) {
	return k.reader.get(ctx, id, false)
}

// List implements backend.Keys.
func (k keys) List(ctx context.Context, filter backend.APIKeyFilter) ([]backend.APIKey, error) {
	var found []backend.APIKey
	kept := 0
	in := client.ListAPIKeys{Name: filter.Name, NamePrefix: filter.NamePrefix, Status: filter.Status, Scope: filter.Scope, Limit: pageFor(filter.Limit)}
	for key, err := range k.service.All(ctx, in) {
		if err != nil {
			return nil, explained(err)
		}
		if !fits(key, filter) {
			return nil, fmt.Errorf("the server was asked for API keys that fit a filter, and its list has key %s, which does not; look at what stands before the server, such as a proxy", key.ID)
		}
		if kept += sizeOf(key); kept > outside.MostListedBytes {
			return nil, fmt.Errorf("the server's list of API keys has more than %d MiB; ask for fewer, such as by a prefix of their names", outside.MostListedBytes>>20)
		}
		if found = append(found, converted(key)); len(found) == filter.Limit {
			break // before the next page is asked for
		}
	}
	return found, nil
}

// fits reports whether a key is one that the filter asks for.
func fits(key *api.APIKey, filter backend.APIKeyFilter) bool {
	return (filter.Name == "" || key.Name == filter.Name) && strings.HasPrefix(key.Name, filter.NamePrefix) &&
		(filter.Status == "" || key.Status == filter.Status) && (filter.Scope == "" || slices.Contains(key.Scopes, filter.Scope))
}

// sizeOf is about how many bytes a key takes, by its texts.
func sizeOf(key *api.APIKey) int {
	const rest = 512 // the key itself
	n := rest + len(key.Name) + len(key.Description) + len(key.Username)
	for _, names := range [][]string{key.Scopes, key.EffectiveScopes, key.AutomaticScopes} {
		for _, name := range names {
			n += len(name) + 16
		}
	}
	return n
}

// pageFor is the size of the pages where so many are enough; 0 for the largest.
func pageFor(limit int) int { return min(limit, api.MaxPageSize) }

// Create implements backend.Keys.
func (k keys) Create(ctx context.Context, in backend.APIKeyInput) (backend.IssuedAPIKey, error) {
	began, clock := k.now(ctx)
	made, err := issued(k.service.Create(ctx, api.CreateAPIKey{
		Name: in.Name, Description: in.Description, Scopes: in.Scopes, Enabled: &in.Enabled, ExpiresAt: in.ExpiresAt, Secret: in.Secret,
	}))
	switch {
	case err != nil:
		return made, err
	case slices.Contains(in.Known, made.ID):
		return backend.IssuedAPIKey{}, unproven(made, "the state holds that one already")
	case clock == nil && made.CreatedAt.Before(began.Add(-keptAnswers)):
		return backend.IssuedAPIKey{}, unproven(made, "that key was made at "+made.CreatedAt.Format(time.RFC3339))
	}
	return made, k.prove(ctx, made)
}

// prove reads a new key back. An answer with the id of another key would put that one into
// the state, and the next run would delete it. A read that fails proves nothing, and a
// secret that was minted must not be lost for that.
func (k keys) prove(ctx context.Context, made backend.IssuedAPIKey) error {
	key, err := k.reader.get(ctx, made.ID, true)
	switch {
	case errors.Is(err, backend.ErrNotFound):
		return unproven(made, "there is no such key")
	case err != nil:
		return nil //nolint:nilerr // see above
	case key.Name != made.Name:
		return unproven(made, "that key has another name")
	}
	if hint, cut := strings.CutSuffix(key.SecretHint, "..."); cut && !made.Secret.IsZero() && !strings.HasPrefix(made.Secret.Reveal(), hint) {
		return unproven(made, "that key has another secret")
	}
	return nil
}

func unproven(made backend.IssuedAPIKey, why string) error {
	return &backend.Error{Message: fmt.Sprintf("The server said that it made the API key %s, and %s. Whether a key was made is not known, and none is taken for it. "+
		"Look at what stands before the server, such as a proxy, and for a key named %q that nobody uses: delete it.", made.ID, why, made.Name)}
}

// keptAnswers is how long the server answers a create with the key that an earlier one of
// the same idempotency key has made. A key older than that is not new.
const keptAnswers = 24 * time.Hour

// Update implements backend.Keys.
func (k keys) Update(ctx context.Context, id string, in backend.APIKeyChange, revision int64) (backend.APIKey, error) {
	defer k.reader.drop(id)
	change := api.UpdateAPIKey{Name: in.Name, Description: in.Description, Scopes: in.Scopes, Enabled: in.Enabled}
	if in.ExpiresAt != nil {
		change.ExpiresAt = api.SetTime(in.ExpiresAt.At)
	}
	var conditions []client.ChangeOption
	if revision != 0 {
		conditions = append(conditions, client.IfMatch(revision))
	}
	key, err := k.service.Update(ctx, id, change, conditions...)
	if err != nil {
		return backend.APIKey{}, explained(err)
	}
	return converted(key), nil
}

// Rotate implements backend.Keys.
func (k keys) Rotate(ctx context.Context, id string, in backend.Rotation, revision int64) (backend.IssuedAPIKey, error) {
	defer k.reader.drop(id)
	rotate := api.RotateAPIKey{Overlap: in.Overlap.String(), Secret: in.Secret}
	if in.ExpiresAt != nil {
		rotate.ExpiresAt = api.SetTime(in.ExpiresAt.At)
	}
	var conditions []client.RotateOption
	if revision != 0 {
		conditions = append(conditions, client.IfMatch(revision))
	}
	conditions = append(conditions, client.IdempotencyKey(in.Name))
	return issued(k.service.Rotate(ctx, id, rotate, conditions...))
}

// Delete implements backend.Keys.
func (k keys) Delete(ctx context.Context, id string) error {
	defer k.reader.drop(id)
	err := explained(k.service.Delete(ctx, id))
	if errors.Is(err, backend.ErrNotFound) {
		err = k.reader.confirm(ctx, id, err)
	}
	return err
}

func issued(in *api.IssuedAPIKey, err error) (backend.IssuedAPIKey, error) {
	if err != nil {
		return backend.IssuedAPIKey{}, explained(err)
	}
	return backend.IssuedAPIKey{APIKey: converted(&in.APIKey), Secret: in.Secret}, nil
}

func converted(k *api.APIKey) backend.APIKey {
	return backend.APIKey{
		ID: k.ID, Name: k.Name, Username: k.Username, Description: k.Description,
		Scopes: k.Scopes, EffectiveScopes: k.EffectiveScopes, AutomaticScopes: k.AutomaticScopes,
		Enabled: k.Enabled, Status: k.Status, ExpiresAt: k.ExpiresAt, SecretHint: k.SecretHint, SecretVersion: int64(k.SecretVersion),
		SecretCreatedAt: k.SecretCreatedAt, PreviousSecretExpiresAt: k.PreviousSecretExpiresAt, CreatedAt: k.CreatedAt, Revision: k.Revision,
	}
}
