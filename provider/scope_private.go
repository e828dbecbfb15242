package provider

import (
	"context"
	"encoding/json"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

const scopePrivateKey = "scope"

// scopeMemory is what a plan of a scope must know and a reader need not. It is
// written by refresh and apply only, so that the plan and the plan that
// Terraform makes once more during the apply count the same keys.
type scopeMemory struct {
	// Revision is the scope's, for If-Match.
	Revision int64 `json:"revision"`
	// APIKeys is how many keys hold the scope; nil when the caller may not know.
	APIKeys *int `json:"apikeys,omitempty"`
	// CreatedAt tells the scope from a later one of the same name; nil in a state from
	// before there was CreatedAt.
	CreatedAt *time.Time `json:"created_at,omitempty"`
}

// isAnother reports whether the scope is known not to be the one that was remembered.
func (m scopeMemory) isAnother(found backend.Scope) bool {
	return m.CreatedAt != nil && !found.CreatedAt.Equal(*m.CreatedAt)
}

func newScopeMemory(s backend.Scope, counted bool) scopeMemory {
	m := scopeMemory{Revision: s.Revision}
	if !s.CreatedAt.IsZero() {
		m.CreatedAt = &s.CreatedAt
	}
	if counted {
		m.APIKeys = &s.APIKeys
	}
	return m
}

func readScopeMemory(ctx context.Context, from privateState, diags *diag.Diagnostics) scopeMemory {
	var m scopeMemory
	text, problems := from.GetKey(ctx, scopePrivateKey)
	diags.Append(problems...)
	if len(text) == 0 {
		return m
	}
	if err := json.Unmarshal(text, &m); err != nil {
		diags.AddError("Unable to read the private state of a scope", "The state was written by another version of the provider or damaged: "+err.Error()+".")
	}
	return m
}

func (m scopeMemory) write(ctx context.Context, to privateState) diag.Diagnostics {
	text, err := json.Marshal(m)
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Unable to write the private state of a scope", err.Error())}
	}
	return to.SetKey(ctx, scopePrivateKey, text)
}
