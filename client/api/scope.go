package api

// Scope is one named permission of the platform's catalogue.
type Scope struct {
	Name            string   `json:"name" doc:"Unique in the catalogue."`
	Description     string   `json:"description" doc:"What it permits."`
	Group           string   `json:"group" doc:"What it is about."`
	Class           string   `json:"class" doc:"Keys never mix scopes of two classes."`
	Implies         []string `json:"implies" nullable:"false" doc:"The scopes that it grants as well, directly."`
	EffectiveScopes []string `json:"effective_scopes" nullable:"false" doc:"Itself and all that it implies, sorted."`
	Builtin         bool     `json:"builtin" doc:"True where the platform defines it, so that it cannot be changed."`
}
