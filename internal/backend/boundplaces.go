package backend

import "context"

type boundKeys struct {
	inner Keys
	of    bound
}

// Get implements Keys.
func (k boundKeys) Get(ctx context.Context, id string) (APIKey, error) {
	return checked(ctx, k.of, func() (APIKey, error) { return k.inner.Get(ctx, id) })
}

// Refresh implements Keys.
func (k boundKeys) Refresh(ctx context.Context, id string) (APIKey, error) {
	return checked(ctx, k.of, func() (APIKey, error) { return k.inner.Refresh(ctx, id) })
}

// List implements Keys.
func (k boundKeys) List(ctx context.Context, filter APIKeyFilter) ([]APIKey, error) {
	return checked(ctx, k.of, func() ([]APIKey, error) { return k.inner.List(ctx, filter) })
}

// Create implements Keys.
func (k boundKeys) Create(ctx context.Context, in APIKeyInput) (IssuedAPIKey, error) {
	return checked(ctx, k.of, func() (IssuedAPIKey, error) { return k.inner.Create(ctx, in) })
}

// Update implements Keys.
func (k boundKeys) Update(ctx context.Context, id string, in APIKeyChange, revision int64) (APIKey, error) {
	return checked(ctx, k.of, func() (APIKey, error) { return k.inner.Update(ctx, id, in, revision) })
}

// Rotate implements Keys.
func (k boundKeys) Rotate(ctx context.Context, id string, in Rotation, revision int64) (IssuedAPIKey, error) {
	return checked(ctx, k.of, func() (IssuedAPIKey, error) { return k.inner.Rotate(ctx, id, in, revision) })
}

// Delete implements Keys.
func (k boundKeys) Delete(ctx context.Context, id string) error {
	return k.of.do(ctx, func() error { return k.inner.Delete(ctx, id) })
}

type boundSubaccounts struct {
	inner Subaccounts
	of    bound
}

// Get implements Subaccounts.
func (s boundSubaccounts) Get(ctx context.Context, handle string) (Subaccount, error) {
	return checked(ctx, s.of, func() (Subaccount, error) { return s.inner.Get(ctx, handle) })
}

// List implements Subaccounts.
func (s boundSubaccounts) List(ctx context.Context, filter SubaccountFilter) ([]Subaccount, error) {
	return checked(ctx, s.of, func() ([]Subaccount, error) { return s.inner.List(ctx, filter) })
}

// Create implements Subaccounts.
func (s boundSubaccounts) Create(ctx context.Context, in SubaccountInput) (Subaccount, error) {
	return checked(ctx, s.of, func() (Subaccount, error) { return s.inner.Create(ctx, in) })
}

// Update implements Subaccounts.
func (s boundSubaccounts) Update(ctx context.Context, handle string, in SubaccountChange, revision int64) (Subaccount, error) {
	return checked(ctx, s.of, func() (Subaccount, error) { return s.inner.Update(ctx, handle, in, revision) })
}

// Delete implements Subaccounts.
func (s boundSubaccounts) Delete(ctx context.Context, handle string, withKeys bool) error {
	return s.of.do(ctx, func() error { return s.inner.Delete(ctx, handle, withKeys) })
}

// Usage implements Subaccounts.
func (s boundSubaccounts) Usage(ctx context.Context, handle string) (SubaccountUsage, error) {
	return checked(ctx, s.of, func() (SubaccountUsage, error) { return s.inner.Usage(ctx, handle) })
}

type boundScopes struct {
	inner Scopes
	of    bound
}

// Rules implements Scopes.
func (s boundScopes) Rules(ctx context.Context) (ScopeRules, error) {
	return checked(ctx, s.of, func() (ScopeRules, error) { return s.inner.Rules(ctx) })
}

// Get implements Scopes.
func (s boundScopes) Get(ctx context.Context, name string) (Scope, error) {
	return checked(ctx, s.of, func() (Scope, error) { return s.inner.Get(ctx, name) })
}

// Create implements Scopes.
func (s boundScopes) Create(ctx context.Context, in ScopeInput) (Scope, error) {
	return checked(ctx, s.of, func() (Scope, error) { return s.inner.Create(ctx, in) })
}

// Update implements Scopes.
func (s boundScopes) Update(ctx context.Context, name string, in ScopeChange, revision int64) (Scope, error) {
	return checked(ctx, s.of, func() (Scope, error) { return s.inner.Update(ctx, name, in, revision) })
}

// Delete implements Scopes.
func (s boundScopes) Delete(ctx context.Context, name string) error {
	return s.of.do(ctx, func() error { return s.inner.Delete(ctx, name) })
}

// Planned implements Scopes. It calls nothing.
func (s boundScopes) Planned() *PlannedScopes { return s.inner.Planned() }
