package api

import "time"

// Scope is one named permission of the account's catalogue.
type Scope struct {
	Name            string     `json:"name" doc:"Unique in the catalogue. Never changes."`
	Description     string     `json:"description" doc:"What it permits."`
	Group           string     `json:"group" doc:"What it is about."`
	Level           string     `json:"level" enum:"read,full," doc:"The level of its group that gives it; empty where the platform has no levels."`
	Class           string     `json:"class" doc:"Keys never mix scopes of two classes."`
	Implies         []string   `json:"implies" nullable:"false" doc:"The scopes that it grants as well, directly."`
	EffectiveScopes []string   `json:"effective_scopes" nullable:"false" doc:"Itself and all that it implies, sorted."`
	Rights          []string   `json:"rights" nullable:"false" doc:"What it lets a key ask of this API by itself, without what it implies."`
	Builtin         bool       `json:"builtin" doc:"True where the platform defines it, so that it cannot be changed."`
	CreatedAt       *time.Time `json:"created_at" doc:"When it was defined; null for a built-in one."`
	UpdatedAt       *time.Time `json:"updated_at" doc:"When it last changed; null for a built-in one."`
	Revision        int64      `json:"revision" doc:"Goes up at each change; its ETag is this number in quotes. 0 for a built-in one."`
}

// ScopeDetail is one scope with how much a change of it would touch.
type ScopeDetail struct {
	Scope
	APIKeys int `json:"apikeys" doc:"How many keys of the account and its sub-accounts hold it, by name or by implication: those that a change of it touches."`
}

// CreateScope defines a scope.
type CreateScope struct {
	Name        string   `json:"name" doc:"1 to 128 lower case letters, digits, dots, colons, hyphens and underscores. Never changes."`
	Description string   `json:"description,omitempty" doc:"At most 500 characters, no control characters."`
	Group       string   `json:"group,omitempty" doc:"What it is about, at most 100 characters. Default custom."`
	Class       string   `json:"class,omitempty" doc:"Keys never mix scopes of two classes. Default general. Never changes."`
	Implies     []string `json:"implies,omitempty" nullable:"false" doc:"The scopes of the same class that it grants as well."`
}

// UpdateScope changes a scope. What is left out stays as it is.
type UpdateScope struct {
	Description *string   `json:"description,omitempty" nullable:"false" doc:"At most 500 characters, no control characters."`
	Group       *string   `json:"group,omitempty" nullable:"false" doc:"What it is about, at most 100 characters."`
	Implies     *[]string `json:"implies,omitempty" nullable:"false" doc:"The whole new set. It changes at once what every key that holds the scope may do."`
}

// Preset is the set of scopes that the platform advises for one use.
type Preset struct {
	Name        string   `json:"name" doc:"Unique on the platform."`
	Description string   `json:"description" doc:"What it is for."`
	Scopes      []string `json:"scopes" nullable:"false" doc:"What it gives, sorted."`
}

// ScopeGroup is a set of scopes that a key may be asked for by level.
type ScopeGroup struct {
	Name  string   `json:"name" doc:"Unique on the platform."`
	Title string   `json:"title" doc:"What the platform's own pages call it."`
	Read  []string `json:"read" nullable:"false" doc:"What the level read gives, sorted."`
	Full  []string `json:"full" nullable:"false" doc:"What the level full gives, sorted."`
}

// ScopeShapes are the ways to ask for many scopes at once.
type ScopeShapes struct {
	Presets []Preset     `json:"presets" nullable:"false" doc:"By name."`
	Groups  []ScopeGroup `json:"groups" nullable:"false" doc:"By name; empty where the platform has no levels."`
}
