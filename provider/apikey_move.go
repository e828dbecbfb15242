package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/outside"
)

var _ resource.ResourceWithMoveState = (*apiKeyResource)(nil)

// sendgridKeyType is the resource of API keys in all of the SendGrid providers that have one.
const sendgridKeyType = "sendgrid_api_key"

// movedKey is what the state of a sendgrid_api_key tells of a key. The attributes are those
// that the sources of these providers declare:
//
//   - kenzo0107/sendgrid and anna-money/sendgrid: id, name, scopes, api_key;
//   - Trois-Six/sendgrid: the same and sub_user_on_behalf_of;
//   - davidji99/sendgrid: id, name, scopes, key, where an import writes a sentence into key.
//
// taharah/sendgrid and arslanbekov/sendgrid are forks of Trois-Six whose schema was not read
// in full; their states are taken when they have this shape.
type movedKey struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	APIKey   string `json:"api_key"`
	Key      string `json:"key"`
	OnBehalf string `json:"sub_user_on_behalf_of"`
}

// secret is the key's secret, or empty where the state holds none of this key: the id is the
// part of a secret between its two dots.
func (k movedKey) secret() string {
	for _, text := range []string{k.APIKey, k.Key} {
		if rest, ok := strings.CutPrefix(text, "SG."+k.ID+"."); ok && rest != "" && outside.CheckID(rest) == nil {
			return text
		}
	}
	return ""
}

// MoveState takes a key over from a resource of another SendGrid provider, with its secret, so
// that a moved block changes nothing and rotates nothing. Nothing is asked here, as Terraform
// moves with a provider that is not configured: what is moved is believed to be a key of this
// account once a refresh has found it there, and not before (see apiKeyMemory.Moved).
func (r *apiKeyResource) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{{StateMover: r.move}}
}

func (r *apiKeyResource) move(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
	if req.SourceTypeName != sendgridKeyType {
		r.refuseMove(req, &resp.Diagnostics)
		return
	}
	var from movedKey
	if req.SourceRawState == nil || json.Unmarshal(req.SourceRawState.JSON, &from) != nil || outside.CheckID(from.ID) != nil {
		resp.Diagnostics.AddError("Unable to move the API key",
			fmt.Sprintf("The state of this %s of the provider %s has no id of an API key where other SendGrid providers have it. %s", sendgridKeyType, req.SourceProviderAddress, importInstead))
		return
	}
	if !r.ofSubaccount && from.OnBehalf != "" {
		resp.Diagnostics.AddError("The key belongs to a subuser",
			fmt.Sprintf("Key %s is one of the subuser %q, and postern_apikey holds keys of the account itself. Move it to a postern_subaccount_apikey instead.", from.ID, from.OnBehalf))
		return
	}
	secret := from.secret()
	for name, text := range map[string]string{"id": from.ID, "name": from.Name, "secret": secret} {
		resp.Diagnostics.Append(resp.TargetState.SetAttribute(ctx, path.Root(name), textLike(types.StringNull(), text))...)
	}
	if r.ofSubaccount {
		resp.Diagnostics.Append(resp.TargetState.SetAttribute(ctx, path.Root("subaccount"), textLike(types.StringNull(), from.OnBehalf))...)
	}
	if secret == "" {
		resp.Diagnostics.AddWarning("The moved API key has no secret in state",
			fmt.Sprintf("The state of the %s holds no secret of key %s, as after an import. So secret is null until the next rotation. Nothing is changed by this.", sendgridKeyType, from.ID))
	}
	resp.Diagnostics.Append(writePrivate(ctx, resp.TargetPrivate, apiKeyMemory{Moved: true})...)
}

const importInstead = "Import the key instead, by a removed block for the old resource and an import block for this one; nothing happens to the key then either."

// refuseMove says why a resource cannot become one of these.
func (r *apiKeyResource) refuseMove(req resource.MoveStateRequest, diags *diag.Diagnostics) {
	own, other := "postern_apikey", "postern_subaccount_apikey"
	if r.ofSubaccount {
		own, other = other, own
	}
	switch req.SourceTypeName {
	case other:
		diags.AddError("A key cannot move between the account and a sub-account",
			fmt.Sprintf("A %s is another key than a %s: a service makes a key in one place, the account or a sub-account, and cannot take it to the other. Nothing was changed. "+
				"Remove the moved block. If it is the same key and only the credential sees it elsewhere now, take the old resource out of the state with a removed block and import the key.", other, own))
	case own: // another address of a provider of this type
		diags.AddError("The provider of the state is another one",
			fmt.Sprintf("The state names %s as its provider. If that is an earlier address of this one, run \"terraform state replace-provider\" instead of a moved block: it keeps all that the state and the provider remember of the key.", req.SourceProviderAddress))
	default:
		diags.AddError("Unable to move the resource",
			fmt.Sprintf("A %s of the provider %s cannot become a %s, which takes over a %s only. %s", req.SourceTypeName, req.SourceProviderAddress, own, sendgridKeyType, importInstead))
	}
}

// checkRead refuses to plan for a key that was moved here and that no refresh has found yet:
// nothing shows that it is one of this account.
func (m apiKeyMemory) checkRead(key placedKey, diags *diag.Diagnostics) bool {
	if m.Moved {
		diags.AddAttributeError(path.Root("id"), "The moved key was not read yet",
			fmt.Sprintf("API key %s was taken over from another provider, and nothing shows yet that it is a key of this account. Nothing was changed. Plan without -refresh=false.", key.which()))
	}
	return !m.Moved
}

// missesMoved says of a moved key that is not here that it stays in the state.
func missesMoved(key placedKey, diags *diag.Diagnostics) {
	diags.AddAttributeError(path.Root("id"), "The moved key is not in this account",
		fmt.Sprintf("API key %s was taken over from another provider, and this account has no such key: the provider's credential is of another account or does not see this subuser's keys, or the key was deleted. Nothing is dropped from the state, and no key is made. "+
			"Give the provider the credential that the old one had. If the key is certainly gone, replace the moved block by a removed block for the old resource.", key.which()))
}

// placeMoved is where a moved key is when its state did not say it: in the provider's
// subaccount, as the old provider may have had one too.
func (r *apiKeyResource) placeMoved(key *placedKey, diags *diag.Diagnostics) bool {
	if !r.ofSubaccount || !key.Subaccount.IsNull() {
		return true
	}
	if r.subaccount.ValueString() == "" {
		diags.AddAttributeError(path.Root("subaccount"), "Missing sub-account",
			fmt.Sprintf("The state that API key %s was moved from does not say which subuser it belongs to. Set subaccount of the provider to it for this apply, or move it to a postern_apikey if it is a key of the account itself.", key.ID.ValueString()))
		return false
	}
	key.Subaccount = r.subaccount
	return true
}
