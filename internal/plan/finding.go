package plan

import (
	"slices"
	"strings"
)

// Grade is how grave a finding is.
type Grade string

// The grades.
const (
	Error   Grade = "error"   // the plan is refused
	Warning Grade = "warning" // the plan stands, and somebody should look
)

// Finding is one thing that a plan has to say. It is data: what reads it decides by Code,
// Subject, At and Data, and shows Summary and Detail to people.
type Finding struct {
	Grade   Grade   `json:"grade"`
	Code    Code    `json:"code"`
	Subject Subject `json:"subject"`
	At      Path    `json:"attribute,omitzero"` // the attribute; the zero Path for the whole resource
	// Summary names the subject and the fact in one short line. Terraform shows only one of
	// several warnings with the same summary.
	Summary string `json:"summary"`
	Detail  string `json:"detail"` // whole sentences: what is wrong, and what to do
	Data    Data   `json:"data,omitzero"`
}

// Data is what a finding is about, for tools. What does not fit stays empty.
type Data struct {
	Scopes []string `json:"scopes,omitempty"`
	Keys   []string `json:"apikeys,omitempty"` // ids
}

// HasError reports whether one of the findings refuses the plan.
func HasError(findings []Finding) bool {
	return slices.ContainsFunc(findings, func(f Finding) bool { return f.Grade == Error })
}

// Path is where an attribute stands in a resource: its name, that of a nested one, and the
// member where it is a set.
type Path struct {
	Names  []string
	Member *string
}

// Attr is the path of an attribute, or of one that is nested in it.
func Attr(names ...string) Path { return Path{Names: names} }

// Of is the path of a member of the set.
func (p Path) Of(member string) Path { return Path{Names: p.Names, Member: &member} }

// String is the path as HCL writes it, such as rotation.overlap or scopes["read"].
func (p Path) String() string {
	text := strings.Join(p.Names, ".")
	if p.Member != nil {
		text += "[" + quoted([]string{*p.Member}) + "]"
	}
	return text
}

// MarshalText writes it as String does.
func (p Path) MarshalText() ([]byte, error) { return []byte(p.String()), nil }
