package backend

import (
	"context"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

// Scopes are those that the account defines itself, on platforms that let it.
type Scopes interface {
	// Rules tell what is allowed. They are asked for once a process.
	Rules(ctx context.Context) (ScopeRules, error)
	// Get returns one scope of the catalogue, also one that the platform defines.
	Get(ctx context.Context, name string) (Scope, error)
	Create(ctx context.Context, in ScopeInput) (Scope, error)
	// Update changes what is not nil. The scope must still have that revision;
	// 0 asks for none.
	Update(ctx context.Context, name string, in ScopeChange, revision int64) (Scope, error)
	// Delete removes a scope. One that is gone already is ErrNotFound.
	Delete(ctx context.Context, name string) error
	// Planned is what this run has planned and not yet carried out. Create,
	// Update and Delete take out of it what they have done.
	Planned() *PlannedScopes
}

// ScopeRules is what the platform and the caller's rights allow.
type ScopeRules struct {
	Define bool // accounts of the platform define scopes
	Write  bool // the caller has the right to
	Count  bool // the caller may read keys, so that Scope.APIKeys counts them
}

// Scope is one scope of the catalogue.
type Scope struct {
	scope.Scope
	EffectiveScopes []string
	Builtin         bool
	APIKeys         int // how many keys hold it, by name or by implication
	Revision        int64
	CreatedAt       time.Time // the zero value for a built-in one
}

// ScopeInput asks for a scope.
type ScopeInput struct {
	Name        string
	Description string
	Group       string
	Class       string
	Implies     []string
}

// ScopeChange changes a scope. What is nil stays as it is.
type ScopeChange struct {
	Description *string
	Group       *string
	Implies     *[]string
}

// Empty reports whether the change changes nothing.
func (c ScopeChange) Empty() bool { return c.Description == nil && c.Group == nil && c.Implies == nil }
