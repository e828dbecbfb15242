package plan

import (
	"fmt"
	"strings"

	"github.com/postern-dev/terraform-provider-postern/internal/outside"
)

// What the resources are called.
const (
	KindAPIKey     = "API key"
	KindSubaccount = "sub-account"
	KindScope      = "scope"
	KindPolicy     = "policy" // of the provider
)

// The bounds of what a summary shows, in characters, and of lists in it.
const (
	mostCalled = 100
	mostListed = 3
	mostInList = 40
)

// Subject is what a finding is about.
type Subject struct {
	Kind       string `json:"kind"`
	ID         string `json:"id,omitempty"` // empty for one that is not made yet
	Name       string `json:"name,omitempty"`
	Subaccount string `json:"subaccount,omitempty"` // the handle; empty for the account's own
}

// String names the subject in a summary: by its name and id, of those that there are.
func (s Subject) String() string {
	text := s.Kind
	switch name, id := outside.Line(s.Name, mostCalled), outside.Line(s.ID, mostCalled); {
	case name != "" && id != "":
		text += fmt.Sprintf(" %q (%s)", name, id)
	case name != "":
		text += fmt.Sprintf(" %q", name)
	case id != "":
		text += " " + id
	}
	if s.Subaccount != "" {
		text += fmt.Sprintf(" of sub-account %q", outside.Line(s.Subaccount, mostCalled))
	}
	return text
}

// quoted lists names in a detail.
func quoted(names []string) string { return `"` + strings.Join(names, `", "`) + `"` }

// few lists the first names in a summary, and says how many more there are.
func few(names []string) string {
	shown := make([]string, 0, mostListed)
	for _, name := range names[:min(mostListed, len(names))] {
		shown = append(shown, outside.Line(name, mostInList))
	}
	text := quoted(shown)
	if more := len(names) - mostListed; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
