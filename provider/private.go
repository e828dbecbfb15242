package provider

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// privateState is the provider's own memory beside the state.
type privateState interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// memory is what a resource keeps there, all under one key.
type memory interface{ key() string }

// subaccountMemory is what the provider must know of a sub-account and a reader need not.
type subaccountMemory struct {
	// Handle is as ID of apiKeyMemory.
	Handle string `json:"handle,omitempty"`
	// Revision is the sub-account's, for If-Match.
	Revision int64 `json:"revision"`
	// Marks are what tells the account from another one, and Own what tells the
	// sub-account, where the service does not tell the account's id: see backend.Marker.
	Marks []string `json:"marks,omitempty"`
	Own   []string `json:"own,omitempty"`
}

func (subaccountMemory) key() string { return "subaccount" }

func readPrivate[M memory](ctx context.Context, from privateState, diags *diag.Diagnostics) M {
	var m M
	text, problems := from.GetKey(ctx, m.key())
	diags.Append(problems...)
	if len(text) == 0 {
		return m
	}
	if err := json.Unmarshal(text, &m); err != nil {
		diags.AddError("Unable to read the private state", "The state was written by another version of the provider or damaged: "+err.Error()+".")
	}
	return m
}

func writePrivate(ctx context.Context, to privateState, m memory) diag.Diagnostics {
	text, err := json.Marshal(m)
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Unable to write the private state", err.Error())}
	}
	return to.SetKey(ctx, m.key(), text)
}
