package provider

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"golang.org/x/text/unicode/norm"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

// namesakes are the keys by name, where several may have one. A plan asks once a place:
// it is one run of a configured provider.
type namesakes struct {
	mu     sync.Mutex
	places map[string]*backend.Once[map[string][]string] // by the handle of the sub-account
}

// of are the ids of the keys of that name.
func (n *namesakes) of(ctx context.Context, b backend.Backend, place, name string) ([]string, error) {
	n.mu.Lock()
	if n.places == nil {
		n.places = map[string]*backend.Once[map[string][]string]{}
	}
	one, ok := n.places[place]
	if !ok {
		one = &backend.Once[map[string][]string]{}
		n.places[place] = one
	}
	n.mu.Unlock()
	all, err := one.Get(func() (map[string][]string, error) {
		found, err := b.Keys(place).List(ctx, backend.APIKeyFilter{Brief: true})
		ids := map[string][]string{}
		for _, key := range found {
			name := norm.NFC.String(cmp.Or(key.MadeFor, key.Name)) // as Terraform keeps it
			ids[name] = append(ids[name], key.ID)
		}
		return ids, err
	})
	return all[name], err
}

// namesakes warns of other keys of the name that a new key gets. They may be meant, or be
// what a run left behind that was killed before it could save its state: such a
// key works, and nobody has its secret.
func (p *apiKeyPlan) namesakes(ctx context.Context) {
	if p.account == nil || p.named == nil || !p.account.Rules.NamesRepeat || !p.mints || p.diags.HasError() ||
		p.plan.Name.IsUnknown() || p.plan.Subaccount.IsUnknown() || p.coming.has(p.plan.Subaccount.ValueString()) {
		return
	}
	ids, err := p.named.of(ctx, p.backend, p.plan.Subaccount.ValueString(), p.plan.Name.ValueString())
	if err != nil {
		return // it is a hint only, and who may make keys need not see them
	}
	others := slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
		return !p.create && (id == p.state.ID.ValueString() || id == p.state.PreviousID.ValueString())
	})
	if len(others) == 0 {
		return
	}
	const most = 5
	text := quoted(others[:min(most, len(others))])
	if more := len(others) - most; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	p.diags.AddAttributeWarning(path.Root("name"), "There is another key of this name",
		fmt.Sprintf("The %s has the API key %s of the name %s already. If a run that was broken off left it behind, nobody has its secret: delete it. Otherwise import it, or ignore this: names may repeat on platform %s.",
			p.holder(), text, p.plan.Name, p.account.Platform))
}
