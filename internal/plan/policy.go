package plan

import (
	"strings"
	"time"
)

// Verdict is what a policy does about something.
type Verdict string

// The verdicts.
const (
	Allow Verdict = "allow"
	Warn  Verdict = "warn"
	Deny  Verdict = "deny"
)

// Policy is what a plan refuses whatever the service allows. What is not known of it yet is
// left out, and holds at the apply: Terraform plans each change once more there.
type Policy struct {
	Forbid           []string      // patterns of scopes, in which * stands for any characters
	MaxLifetime      time.Duration // 0 for none
	ExpiryOrRotation bool          // each key has an end or is rotated
	Widening         Verdict
	SecretsInState   Verdict
	Open             bool // a rule is not known yet
	None             bool // nobody set a rule
}

// NoPolicy is what holds where nobody sets one.
func NoPolicy() Policy { return Policy{Widening: Warn, SecretsInState: Allow, None: true} }

// Forbids returns the pattern that a scope falls under; empty for none.
func (p Policy) Forbids(scope string) string {
	for _, pattern := range p.Forbid {
		if glob(pattern, scope) {
			return pattern
		}
	}
	return ""
}

// glob reports whether text is the pattern, in which * stands for any characters.
func glob(pattern, text string) bool {
	head, rest, star := strings.Cut(pattern, "*")
	if !star {
		return pattern == text
	}
	if !strings.HasPrefix(text, head) {
		return false
	}
	text = text[len(head):]
	parts := strings.Split(rest, "*")
	for _, part := range parts[:len(parts)-1] {
		_, after, ok := strings.Cut(text, part)
		if !ok {
			return false
		}
		text = after
	}
	return strings.HasSuffix(text, parts[len(parts)-1])
}
