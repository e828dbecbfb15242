package provider

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/claims"
)

// How an apply gives a key a name that another key gives up in the same run, where no two
// keys have one name. Terraform applies both in any order: an element inserted into a list
// under count shifts the names of all that follow, two keys may swap theirs, and with
// create_before_destroy a key is made while the one that it replaces still has the name.
//
// A key whose name is not free yet is made, or renamed, under a temporary name. Whatever call
// of this run then frees the name, because it renames or deletes the key that had it, gives it
// to the key that waits. So each order converges, a cycle too, and with any -parallelism.
//
// The key that still has the name is never touched for this. An apply cannot know that it is
// one of this configuration (see the package claims), and it may be anybody's. When a run
// breaks off in between, the next plan finds the temporary name and sets the right one.

// names is what a configured provider knows in one run of who has and who gets which name.
type names struct {
	run  *claims.Registry
	late lateNames
}

// lateNames are the keys that wait under a temporary name.
type lateNames struct {
	mu   sync.Mutex
	keys map[claims.Seat]*lateName
}

// lateName is one of them. It is renamed by one call at a time.
type lateName struct {
	seat claims.Seat
	keys backend.Keys
	id   string

	mu   sync.Mutex
	done bool
}

// naming names keys of one place.
type naming struct {
	*names
	keys  backend.Keys
	place string
	rules keyRules
}

func (r *apiKeyResource) naming(key placedKey, rules keyRules) naming {
	return naming{names: r.names, keys: r.keys(key), place: r.seatOf(key, rules.account), rules: rules}
}

// seatOf is the place where names are unique. A credential of a sub-account sees its keys as
// those of the account, and under its handle too.
func (r *apiKeyResource) seatOf(key placedKey, account backend.Account) string {
	if r.ofSubaccount {
		return key.Subaccount.ValueString()
	}
	return account.Subaccount
}

func (n naming) seat(name string) claims.Seat {
	return claims.Seat{Kind: claims.APIKey, Place: n.place, Name: name}
}

// mostNamed is how many characters of a name a temporary one keeps: with the rest it is in the
// bounds of all services.
const mostNamed = 60

// temporary is a name that no key has, and that tells a person what it is.
func temporary(name string) string {
	if runes := []rune(name); len(runes) > mostNamed {
		name = strings.TrimSpace(string(runes[:mostNamed]))
	}
	return name + "-waiting-" + strings.ToLower(rand.Text()[:10])
}

// holder is the id of the key that has the name, when a request was refused for that and
// another name can help. It is empty, and ok, when the name has become free meanwhile.
func (n naming) holder(ctx context.Context, name string, err error) (id string, ok bool) {
	if n.names == nil || !errors.Is(err, backend.ErrTaken) || n.rules.NamesRepeat {
		return "", false
	}
	if check := n.rules.CheckName; check != nil && check(temporary(name)) != nil {
		return "", false
	}
	found, err := n.keys.List(ctx, backend.APIKeyFilter{Name: name, Brief: true})
	if err != nil {
		return "", false // the plan could not judge the name either
	}
	if len(found) == 0 {
		return "", true
	}
	return found[0].ID, true
}

// taken is a name that a key waits for, and who has it; nil for none.
type taken struct{ name, holder string }

// create makes a key, under a temporary name when its own is not free yet. Then take is to be
// called once nothing else is to be done about the key.
func (n naming) create(ctx context.Context, in backend.APIKeyInput) (backend.IssuedAPIKey, *taken, error) {
	var wait *taken
	issued, err := n.keys.Create(ctx, in)
	if holder, ok := n.holder(ctx, in.Name, err); ok {
		if wait = n.aside(in.Name, holder); wait != nil {
			in.Name = temporary(in.Name)
		}
		issued, err = n.keys.Create(ctx, in)
	}
	if wait != nil {
		issued.Name = wait.name
	}
	return issued, wait, err
}

// update changes a key in the same way.
func (n naming) update(ctx context.Context, id string, in backend.APIKeyChange, revision int64) (backend.APIKey, *taken, error) {
	var wait *taken
	key, err := n.keys.Update(ctx, id, in, revision)
	if in.Name == nil {
		return key, nil, err
	}
	if holder, ok := n.holder(ctx, *in.Name, err); ok {
		if wait = n.aside(*in.Name, holder); wait != nil {
			name := temporary(*in.Name)
			in.Name = &name
		}
		key, err = n.keys.Update(ctx, id, in, revision)
	}
	if wait != nil {
		key.Name = wait.name
	}
	return key, wait, err
}

func (n naming) aside(name, holder string) *taken {
	if holder == "" {
		return nil // free by now
	}
	return &taken{name, holder}
}

// take gives the key the name that it waits for, now or when this run frees it. It returns the
// key's revision, 0 while a later call is to change it.
func (n naming) take(ctx context.Context, id string, wait taken, revision int64, diags *diag.Diagnostics) int64 {
	late := n.late.add(&lateName{seat: n.seat(wait.name), keys: n.keys, id: id})
	// The name may have become free before anybody could know that a key waits for it.
	renamed, err := n.late.finish(ctx, late)
	switch {
	case err == nil && renamed != 0:
		return renamed
	case err == nil:
		return 0 // another call has renamed it in this moment
	case !errors.Is(err, backend.ErrTaken):
		warnLate(diags, late, err)
		return revision
	}
	if !n.run.Knows(ctx, claims.APIKey, n.place, wait.holder, time.Second/10) { // others are asked about at the same time
		diags.AddAttributeWarning(path.Root("name"), fmt.Sprintf("API key %s has a temporary name", id),
			fmt.Sprintf("It is to be named %q. That is the name of API key %s, which this apply has not come to yet. When %s gives it up, in this same run, %s gets it, and nothing is left to do. "+
				"Else the next plan says who has the name.", wait.name, wait.holder, wait.holder, id))
	}
	return 0
}

// frees is called when a key has no longer the name that it had: the key that waits for it
// gets it.
func (n naming) frees(ctx context.Context, name string, diags *diag.Diagnostics) {
	if n.names == nil || n.rules.NamesRepeat {
		return
	}
	if late := n.late.of(n.seat(name)); late != nil {
		if _, err := n.late.finish(ctx, late); err != nil {
			warnLate(diags, late, err)
		}
	}
}

// keeps is called when a key has not given up the name that it had.
func (n naming) keeps(name string, diags *diag.Diagnostics) {
	if n.names == nil || n.rules.NamesRepeat {
		return
	}
	if late := n.late.of(n.seat(name)); late != nil {
		warnLate(diags, late, nil)
	}
}

func warnLate(diags *diag.Diagnostics, late *lateName, err error) {
	why := "the key that has this name has not given it up."
	if err != nil {
		why = err.Error()
	}
	diags.AddAttributeWarning(path.Root("name"), fmt.Sprintf("API key %s keeps a temporary name", late.id),
		fmt.Sprintf("It works, and was to be named %q: %s The next plan shows the temporary name, and its apply renames the key.", late.seat.Name, why))
}

// add notes a key that waits.
func (l *lateNames) add(late *lateName) *lateName {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.keys == nil {
		l.keys = map[claims.Seat]*lateName{}
	}
	l.keys[late.seat] = late
	return late
}

// of is the key that waits for a name; nil for none.
func (l *lateNames) of(seat claims.Seat) *lateName {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.keys[seat]
}

// finish gives the key its name, and returns its revision; 0 when that was done before.
func (l *lateNames) finish(ctx context.Context, late *lateName) (revision int64, err error) {
	late.mu.Lock()
	defer late.mu.Unlock()
	if late.done {
		return 0, nil
	}
	key, err := late.keys.Update(ctx, late.id, backend.APIKeyChange{Name: &late.seat.Name}, 0)
	if err != nil {
		return 0, err
	}
	late.done = true
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.keys[late.seat] == late {
		delete(l.keys, late.seat)
	}
	return key.Revision, nil
}
