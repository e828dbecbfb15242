package provider

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

func (r *apiKeyResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state placedKey
	resp.Diagnostics.Append(r.get(ctx, req.State, &state)...)
	memory := readPrivate[apiKeyMemory](ctx, req.Private, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || !r.ready(&resp.Diagnostics) || !checkNamed(state.ID, "id", nounAPIKey, &resp.Diagnostics) {
		return
	}
	account, ok := readAccount(ctx, r.backend, "delete", nounAPIKey, state.which(), &resp.Diagnostics)
	if !ok || !memory.checkRead(state, &resp.Diagnostics) || !r.checkOwner(account, state, memory, &resp.Diagnostics) {
		return
	}
	if err := memory.confirmPrevious(state.PreviousID); err != nil && !state.PreviousID.IsNull() {
		explain(&resp.Diagnostics, "delete", nounAPIKey, state.which(), err)
		return
	}
	if memory.Mark != "" && !r.checkMarked(ctx, account, state, memory, &resp.Diagnostics) {
		return
	}
	naming := r.naming(state, keyRules{account.KeyRules(r.ofSubaccount), account})
	for _, id := range []types.String{state.PreviousID, state.ID} {
		if id.IsNull() {
			continue
		}
		err := r.keys(state).Delete(ctx, id.ValueString())
		switch {
		case errors.Is(err, backend.ErrNotFound):
			if !r.believesMiss(ctx, account, state, memory, &resp.Diagnostics) {
				return
			}
		case err != nil:
			explain(&resp.Diagnostics, "delete", nounAPIKey, id.ValueString(), err)
			naming.keeps(state.Name.ValueString(), &resp.Diagnostics)
			return
		}
	}
	naming.frees(ctx, state.Name.ValueString(), &resp.Diagnostics)
}

func (r *apiKeyResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if r.ofSubaccount {
		r.importPlaced(ctx, req, resp)
	} else {
		resource.ImportStatePassthroughWithIdentity(ctx, path.Root("id"), path.Root("id"), req, resp)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.AddAttributeWarning(path.Root("secret"), "The imported API key has no secret in state",
		"A secret is shown once, when it is made, so an import cannot bring it: secret is null and stays so "+r.nextSecret(ctx))
}

// nextSecret says in words when an imported key's secret comes into the state.
func (r *apiKeyResource) nextSecret(ctx context.Context) string {
	const rotation = "until the next rotation. Nothing is changed by this. To mint a secret into the state, set rotate_when_changed after the import and change it."
	if r.backend == nil {
		return rotation
	}
	account, err := r.backend.Account(ctx)
	rules := account.KeyRules(r.ofSubaccount)
	switch {
	case err != nil: // the read that follows the import says so
		return rotation
	case rules.Password:
		return "for good: platform " + account.Platform + " has passwords, which whoever chose them knows. Nothing is changed by this."
	case !rules.Rotate && !rules.Replace:
		return "for good: on platform " + account.Platform + " a key keeps its secret. Nothing is changed by this. To get a secret into the state, replace the key, for instance with -replace."
	}
	return rotation
}
