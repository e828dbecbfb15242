package provider

import (
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

// scopeMemory is what a plan of a scope must know and a reader need not. It is
// written by refresh and apply only, so that the plan and the plan that
// Terraform makes once more during the apply count the same keys.
type scopeMemory struct {
	// Name is as ID of apiKeyMemory.
	Name string `json:"name,omitempty"`
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
	m := scopeMemory{Name: s.Name, Revision: s.Revision}
	if !s.CreatedAt.IsZero() {
		m.CreatedAt = &s.CreatedAt
	}
	if counted {
		m.APIKeys = &s.APIKeys
	}
	return m
}

func (scopeMemory) key() string { return "scope" }
