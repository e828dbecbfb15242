package scope_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

func TestMatch(t *testing.T) {
	t.Parallel()
	c := catalogue(t)
	for name, tc := range map[string]struct {
		pattern string
		want    []string
	}{
		"a name matches itself only":      {"contacts:read", []string{"contacts:read"}},
		"a star at the end":               {"contacts:*", []string{"contacts:read", "contacts:write"}},
		"a star at the beginning":         {"*:read", []string{"contacts:read", "reports:read"}},
		"a star in the middle":            {"c*d", []string{"contacts:read"}},
		"a star stands for nothing, too":  {"admin*", []string{"admin"}},
		"a star stands for separators":    {"*read", []string{"billing.read", "contacts:read", "reports:read"}},
		"two stars are as good as one":    {"**:write", []string{"contacts:write"}},
		"a star alone is all, sorted":     {"*", []string{"admin", "billing.read", "contacts:read", "contacts:write", "reports:read"}},
		"a part of a name is not a match": {"contacts", []string{}},
		"a dot is a dot":                  {"contacts.read", []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := c.Match(tc.pattern)
			if diff := cmp.Diff(tc.want, got); diff != "" || err != nil {
				t.Error(err, diff)
			}
		})
	}
}

func TestMatch_RefusesWhatNoNameCanHold(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]string{
		"":                              "must not be empty",
		"Mail.*":                        "not 'M'; a \"*\" stands",
		"mail.?":                        "not '?'",
		"mail.[a-z]*":                   "not '['",
		"mail/*":                        "not '/'",
		strings.Repeat("*", 129):        "at most 128",
		"a" + strings.Repeat("b*", 128): "at most 128",
	} {
		if _, err := catalogue(t).Match(pattern); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Match(%q): %v, want %q", pattern, err, want)
		}
	}
}

func TestNearestPattern(t *testing.T) {
	t.Parallel()
	c := catalogue(t)
	for pattern, want := range map[string]string{
		"contact:*":     "contacts:*",
		"*.raed":        "*.read",
		"*contcts*":     "*contacts*",
		"contact:*read": "contacts*read",
		"contact:raed":  "contacts:read",
		"contacts":      "contacts*",
		"xyz.*":         "",
		"z*":            "",
		"zq*":           "",
		"quite*another": "",
	} {
		got := c.NearestPattern(pattern)
		if got != want {
			t.Errorf("NearestPattern(%q) = %q, want %q", pattern, got, want)
		}
		if matched, err := c.Match(got); got != "" && (err != nil || len(matched) == 0) {
			t.Errorf("NearestPattern(%q) = %q, which matches nothing (%v)", pattern, got, err)
		}
	}
	if scope.CheckPattern("*") != nil {
		t.Error("a star alone must be a pattern")
	}
}
