package platform_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-dev/terraform-provider-postern/internal/platform"
)

func TestExpandGivesWhatLevelsAndPresetGiveTogether(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, platform, preset string
		access                 map[string]string
		want                   []string
	}{
		{"nothing gives nothing", "sendgrid", "", nil, []string{}},
		{"none gives nothing", "sendgrid", "", map[string]string{"mail": "none"}, []string{}},
		{"read", "sendgrid", "", map[string]string{"alerts": "read"}, []string{"alerts.read"}},
		{"full holds read", "sendgrid", "", map[string]string{"alerts": "full"}, []string{"alerts.create", "alerts.delete", "alerts.read", "alerts.update"}},
		{"each once", "sendgrid", "mail", map[string]string{"mail": "read", "alerts": "read"}, []string{"alerts.read", "mail.batch.create", "mail.batch.delete", "mail.batch.read", "mail.batch.update", "mail.send"}},
		{"levels of scope blocks", "benchmark", "", map[string]string{"contacts": "full", "reports": "full"}, []string{"contacts:read", "contacts:write", "reports:read"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := builtin(t, tc.platform).Expand(tc.access, tc.preset)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestExpandTellsEveryFaultInOrder(t *testing.T) {
	t.Parallel()
	p, err := platform.Parse([]byte(full), "acme.hcl")
	if err != nil {
		t.Fatal(err)
	}
	hush := strings.Repeat("hush", 11)
	got, err := p.Expand(map[string]string{"mial": "full", "mail": hush, "ops": "read", "zzzzzz": "full", hush: "full", "Hush hush": "full"}, "sned")
	var lines []string
	for _, err := range err.(interface{ Unwrap() []error }).Unwrap() { //nolint:forcetypeassert // joined
		shape, ok := errors.AsType[*platform.ShapeError](err)
		if !ok {
			t.Fatalf("%T", err)
		}
		lines = append(lines, shape.Field+"|"+shape.Reason)
	}
	want := []string{
		`access|holds a name that is no group of scopes; use one of extra, mail, ops`,
		`access.mail|must be none, read or full`,
		`access.mial|is no group of scopes; the nearest is "mail"`,
		`access.ops|has no level read; it is none or full`,
		`access.zzzzzz|is no group of scopes; use one of extra, mail, ops`,
		`preset|is no preset; the nearest is "send"`,
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
	if got != nil || strings.Contains(strings.ToLower(err.Error()), "hush") {
		t.Errorf("got %v, or the error repeats what was sent: %v", got, err)
	}
}

func TestExpandOnAPlatformWithoutGroupsSaysSo(t *testing.T) {
	t.Parallel()
	_, err := builtin(t, "postern").Expand(map[string]string{"data": "read"}, "mail")
	want := "access.data is no group of scopes: the platform has none\npreset is no preset: the platform has none"
	if err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}
