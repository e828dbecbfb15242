package main

import (
	"slices"
	"strings"
	"testing"

	builtin "github.com/postern-dev/terraform-provider-postern/internal/platform"
)

// What the walkthrough claims of a platform must follow from the platform's file.
func TestPlatforms_SayWhatTheirFilesSay(t *testing.T) {
	t.Parallel()
	if !slices.Equal(slices.Sorted(slices.Values(platformNames())), builtin.Names()) {
		t.Errorf("walkthrough has %v, there are %v", platformNames(), builtin.Names())
	}
	for _, p := range platforms {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			rules, err := builtin.Builtin(p.name)
			if err != nil {
				t.Fatal(err)
			}
			effective := rules.Scopes.Effective([]string{p.granted})
			if want := []string{p.implied, p.granted}; !slices.Equal(effective, slices.Sorted(slices.Values(want))) {
				t.Errorf("%s grants %v, want %v", p.granted, effective, want)
			}
			if err := rules.Scopes.Check([]string{p.lacking}); err != nil {
				t.Error(err)
			}
			if slices.Contains(effective, p.lacking) {
				t.Errorf("%s grants %s", p.granted, p.lacking)
			}
			if got := rules.Keys.MaxOverlap > 0; got != p.hasOverlap() {
				t.Errorf("has an overlap: %v", got)
			}
			may := p.gatewayScope != "" && slices.Contains(rules.Rights([]string{p.gatewayScope}), "verify")
			if may != (p.gatewayScope != "") {
				t.Errorf("scope %q gives no right to verify", p.gatewayScope)
			}
		})
	}
}

func TestPlatformNamed_UnknownListsTheKnownOnes(t *testing.T) {
	t.Parallel()
	_, err := platformNamed("bench")
	if err == nil || !strings.Contains(err.Error(), "postern or benchmark") {
		t.Error(err)
	}
}

func TestPlatform_Variables(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]string{
		"postern":   nil,
		"benchmark": {`TF_VAR_scopes=["contacts:write"]`, "TF_VAR_overlap=0s"},
	} {
		p, err := platformNamed(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.variables(); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}
