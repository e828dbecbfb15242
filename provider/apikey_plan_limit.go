package provider

import (
	"fmt"
	"sync"
)

// creates counts the keys that a plan makes. A plan is one run of a configured
// provider, and asks about each key alone.
type creates struct {
	mu      sync.Mutex
	planned map[string]int64 // by the handle of the sub-account
}

// add counts more creates in a place, and returns how many there are.
func (c *creates) add(place string, more int64) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.planned == nil {
		c.planned = map[string]int64{}
	}
	c.planned[place] += more
	return c.planned[place]
}

// limit warns when the plan makes more keys than there may be. It cannot tell what the
// apply destroys before: the keys of a plan come in no order, and nothing says
// whether a replacement is made before the old key goes.
func (p *apiKeyPlan) limit() {
	if p.account == nil || p.creates == nil {
		return
	}
	var n int64
	switch {
	case p.create, p.mints && p.replaces():
		n = p.creates.add(p.plan.Subaccount.ValueString(), 1)
	case len(p.replace) > 0:
		// Terraform plans a replacement once more, as a create, which is counted;
		// but it shows no warnings of that.
		n = p.creates.add(p.plan.Subaccount.ValueString(), 0) + 1
	default:
		return
	}
	most := p.account.KeyLimit
	if most == nil || int64(p.account.Keys)+n <= int64(*most) {
		return
	}
	p.diags.AddWarning("The limit of API keys is reached",
		fmt.Sprintf("The %s holds %d of %d API keys, and this plan makes %d or more. The last will be refused unless this apply destroys other keys first.",
			p.holder(), p.account.Keys, *most, n))
}
