package api

import "time"

// APIKeyUsage is how often a key was let in. Counts are gathered in memory first
// and written every few seconds, so that the last of them are missing after a
// crash; what is asked for here includes those that are not yet written.
type APIKeyUsage struct {
	APIKeyID      string       `json:"apikey_id" doc:"The key."`
	LastUsedAt    *time.Time   `json:"last_used_at" doc:"When it was last let in; null when it was not, as far back as counts are kept."`
	Since         string       `json:"since" format:"date" doc:"The first day that counts, in UTC."`
	ObservedSince time.Time    `json:"observed_since" doc:"From when on the key was there to be used in these days: the start of the first day, or when the key was made."`
	Scopes        []ScopeUsage `json:"scopes" nullable:"false" doc:"Each scope that was asked for since then, and each that the key holds, by name. The empty name stands for requests that asked for no scope."`
	Days          []DayUsage   `json:"days" nullable:"false" doc:"By day and scope; without days on which nothing happened."`
	UnusedScopes  []string     `json:"unused_scopes" nullable:"false" doc:"What the key holds and nobody asked for since then, sorted: what could be taken from it."`
}

// ScopeUsage is how often one scope of a key was asked for and granted.
type ScopeUsage struct {
	Scope      string     `json:"scope" doc:"The scope; empty for requests that asked for none."`
	Uses       int64      `json:"uses" doc:"How often."`
	LastUsedAt *time.Time `json:"last_used_at" doc:"When last; null for never."`
}

// DayUsage is ScopeUsage of one day.
type DayUsage struct {
	Day   string `json:"day" format:"date" doc:"The day in UTC."`
	Scope string `json:"scope" doc:"The scope; empty for requests that asked for none."`
	Uses  int64  `json:"uses" doc:"How often."`
}
