package backend

import (
	"maps"
	"sync"

	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

// PlannedScope is a scope as it is planned to be.
type PlannedScope struct {
	scope.Scope
	Open bool // what it implies is known after the apply only
}

// PlannedScopes is what one run of Terraform has planned for scopes and not yet
// done. A resource that refers to a scope is planned after it, so that it can be
// judged by the catalogue that it will meet. It is safe for concurrent use.
type PlannedScopes struct {
	mu      sync.Mutex
	planned map[string]PlannedScope
	over    *Catalogue // memo of Over, for base
	base    *Catalogue
	all     map[string]PlannedScope // memo of All
}

// Plan notes what a scope will be.
func (p *PlannedScopes) Plan(s PlannedScope) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.planned == nil {
		p.planned = map[string]PlannedScope{}
	}
	p.planned[s.Name] = s
	p.base, p.over, p.all = nil, nil, nil
}

// Done forgets what was planned for a scope, once the catalogue shows it.
func (p *PlannedScopes) Done(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.planned, name)
	p.base, p.over, p.all = nil, nil, nil
}

// Get returns what is planned for a scope.
func (p *PlannedScopes) Get(name string) (PlannedScope, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s, ok := p.planned[name]
	return s, ok
}

// All returns all that is planned, by name. Nobody may write to it.
func (p *PlannedScopes) All() map[string]PlannedScope {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.all == nil && len(p.planned) > 0 {
		p.all = maps.Clone(p.planned)
	}
	return p.all
}

// Over returns the base as it will be with all that is planned. It fails with what
// scope.NewCatalogue finds wrong with it.
func (p *PlannedScopes) Over(base *Catalogue) (*Catalogue, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.planned) == 0 {
		return base, nil
	}
	if p.base == base {
		return p.over, nil
	}
	over, err := p.with(base, p.planned)
	if err == nil {
		p.base, p.over = base, over
	}
	return over, err
}

// With is Over with one scope more, which is not noted.
func (p *PlannedScopes) With(base *Catalogue, s PlannedScope) (*Catalogue, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	planned := map[string]PlannedScope{s.Name: s}
	for name, other := range p.planned {
		if name != s.Name {
			planned[name] = other
		}
	}
	return p.with(base, planned)
}

func (p *PlannedScopes) with(base *Catalogue, planned map[string]PlannedScope) (*Catalogue, error) {
	var all []scope.Scope
	for _, name := range base.Names() {
		if _, replaced := planned[name]; !replaced {
			s, _ := base.Get(name)
			all = append(all, s)
		}
	}
	for _, s := range planned {
		all = append(all, s.Scope)
	}
	c, err := scope.NewCatalogue(all)
	if err != nil {
		return nil, err
	}
	return &Catalogue{Catalogue: c, Own: base.Own, Levels: base.Levels}, nil
}
