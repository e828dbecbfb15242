package gateways_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

func read(t *testing.T, elements ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(append([]string{"..", ".."}, elements...)...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// What is tried is what the page shows: each block is a file that it includes, and the part
// of one that the README shows is in it.
func TestPages_ShowTheBlocksThatAreTried(t *testing.T) {
	t.Parallel()
	for name, page := range map[string]string{
		"nginx.conf": "gateways.md", "Caddyfile": "gateways.md", "traefik.yaml": "gateways-traefik-envoy.md", "envoy.yaml": "gateways-traefik-envoy.md",
	} {
		if block := strings.TrimSpace(read(t, "examples", "gateways", name)); !strings.Contains(read(t, "docs", "guides", page), block) {
			t.Errorf("docs/guides/%s does not show %s: run make generate", page, name)
		}
	}
	_, part, found := strings.Cut(read(t, "README.md"), "```nginx\n")
	part, _, ended := strings.Cut(part, "```")
	if !found || !ended || !strings.Contains(plain(read(t, "examples", "gateways", "nginx.conf")), plain(part)) {
		t.Error("the README's block is not part of examples/gateways/nginx.conf")
	}
}

// plain is the text without the spaces that lines begin with.
func plain(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		lines = append(lines, strings.TrimSpace(line))
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// The programs of these are not at hand, so no more than their form is held.
func TestPages_BlocksThatAreNotTriedAreYAML(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"traefik.yaml", "envoy.yaml"} {
		var v any
		if err := yaml.Unmarshal([]byte(read(t, "examples", "gateways", name)), &v); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
