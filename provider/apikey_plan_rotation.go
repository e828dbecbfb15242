package provider

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

// rotationReason says why the apply will mint a new secret; "" when it will not.
// known is false while that hangs on values that are known after apply only.
func (p *apiKeyPlan) rotationReason(ctx context.Context) (reason string, known bool) {
	if p.memory.Unclaimed {
		return "the answer to a rotation was lost, and is asked for again", true
	}
	if p.state.Status.ValueString() == backend.StatusExpired {
		return p.renewal()
	}
	if keys, known := p.triggered(); len(keys) > 0 || !known {
		return "rotate_when_changed: " + quoted(keys) + " changed", known
	}
	r, ok := p.plan.rotation(ctx)
	if p.plan.Rotation.IsUnknown() {
		return "", p.memory.DueSince == nil
	}
	created := p.state.secretSince(p.memory.SeenSince)
	if !ok || p.memory.DueSince == nil || created == nil {
		return "", true
	}
	if due := r.due(*created); !due.After(*p.memory.DueSince) {
		return "due since " + due.Format(time.RFC3339), true
	}
	return "", true // due under the old setting, not under the planned one
}

// renewal says whether the apply brings an expired key back, which takes a new
// secret: the expired one never works again.
func (p *apiKeyPlan) renewal() (reason string, known bool) {
	was := p.state.ExpiresAt
	if p.plan.ExpiresAt.IsUnknown() {
		return "", false
	}
	if p.plan.ExpiresAt.Equal(was) {
		p.diags.AddAttributeWarning(path.Root("expires_at"), "API key has expired",
			fmt.Sprintf("Key %s stopped working at %s. Give it a later expires_at, or none, to renew it with a new secret; or remove it.", p.plan.called(p.state.ID), was.ValueString()))
		return "", true
	}
	return "expired at " + was.ValueString(), true
}

// triggered returns the keys of rotate_when_changed whose values change. Setting
// it for the first time, and removing it, is no change.
func (p *apiKeyPlan) triggered() (changed []string, known bool) {
	before, after := p.state.RotateWhenChanged, p.plan.RotateWhenChanged
	if len(before.Elements()) == 0 {
		return nil, true
	}
	if after.IsUnknown() {
		return nil, false
	}
	if len(after.Elements()) == 0 {
		return nil, true
	}
	known = true
	for name, value := range after.Elements() {
		if value.IsUnknown() {
			known = false
		} else if was, ok := before.Elements()[name]; !ok || !was.Equal(value) {
			changed = append(changed, name)
		}
	}
	for name := range before.Elements() {
		if _, ok := after.Elements()[name]; !ok {
			changed = append(changed, name)
		}
	}
	slices.Sort(changed)
	return changed, known || len(changed) > 0
}
