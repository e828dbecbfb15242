package main

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// releaseConfig is what the Terraform Registry asks of .goreleaser.yml: it refuses a
// release that has another form, and then the version is spent.
// https://developer.hashicorp.com/terraform/registry/providers/publishing
type releaseConfig struct {
	Version     int    `yaml:"version"`
	ProjectName string `yaml:"project_name"`
	Builds      []struct {
		Binary       string   `yaml:"binary"`
		Env          []string `yaml:"env"`
		Flags        []string `yaml:"flags"`
		ModTimestamp string   `yaml:"mod_timestamp"`
		Ldflags      []string `yaml:"ldflags"`
		Targets      []string `yaml:"targets"`
	} `yaml:"builds"`
	Archives []struct {
		ID           string   `yaml:"id"`
		Formats      []string `yaml:"formats"`
		NameTemplate string   `yaml:"name_template"`
	} `yaml:"archives"`
	Checksum struct {
		NameTemplate string      `yaml:"name_template"`
		Algorithm    string      `yaml:"algorithm"`
		IDs          []string    `yaml:"ids"`
		ExtraFiles   []extraFile `yaml:"extra_files"`
	} `yaml:"checksum"`
	Signs []struct {
		Artifacts string   `yaml:"artifacts"`
		Signature string   `yaml:"signature"`
		Args      []string `yaml:"args"`
	} `yaml:"signs"`
	Release struct {
		ExtraFiles []extraFile `yaml:"extra_files"`
	} `yaml:"release"`
}

type extraFile struct {
	Glob         string `yaml:"glob"`
	NameTemplate string `yaml:"name_template"`
}

func readRelease(t *testing.T) releaseConfig {
	t.Helper()
	text, err := os.ReadFile(".goreleaser.yml")
	if err != nil {
		t.Fatal(err)
	}
	var c releaseConfig
	if err := yaml.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	if len(c.Builds) != 1 || len(c.Archives) != 1 || len(c.Signs) != 1 {
		t.Fatalf("%d builds, %d archives and %d signatures, want one of each", len(c.Builds), len(c.Archives), len(c.Signs))
	}
	return c
}

func TestRelease_IsNamedAsTheRegistryWants(t *testing.T) {
	t.Parallel()
	c := readRelease(t)
	manifest := []extraFile{{"terraform-registry-manifest.json", "{{ .ProjectName }}_{{ .Version }}_manifest.json"}}
	got := []any{
		c.Version, c.ProjectName, c.Builds[0].Binary, c.Archives[0].Formats, c.Archives[0].NameTemplate,
		c.Checksum.NameTemplate, c.Checksum.Algorithm, c.Checksum.ExtraFiles, c.Release.ExtraFiles,
	}
	want := []any{
		2, "terraform-provider-postern", "{{ .ProjectName }}_v{{ .Version }}", []string{"zip"}, "{{ .ProjectName }}_{{ .Version }}_{{ .Os }}_{{ .Arch }}",
		"{{ .ProjectName }}_{{ .Version }}_SHA256SUMS", "sha256", manifest, manifest,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestRelease_TheManifestNamesTheProtocolThatIsServed(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("terraform-registry-manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	var manifest any
	if err := json.Unmarshal(text, &manifest); err != nil {
		t.Fatal(err)
	}
	// tf6server serves version 6.
	want := map[string]any{"version": 1.0, "metadata": map[string]any{"protocol_versions": []any{"6.0"}}}
	if diff := cmp.Diff(want, manifest); diff != "" {
		t.Error(diff)
	}
}

func TestRelease_RunsAnywhereAndIsTheSameEachTime(t *testing.T) {
	t.Parallel()
	b := readRelease(t).Builds[0]
	if !slices.Contains(b.Env, "CGO_ENABLED=0") || !slices.Contains(b.Flags, "-trimpath") || b.ModTimestamp != "{{ .CommitTimestamp }}" {
		t.Errorf("env %v, flags %v, mod_timestamp %q", b.Env, b.Flags, b.ModTimestamp)
	}
	if flags := strings.Join(b.Ldflags, " "); !strings.Contains(flags, "-X main.version={{ .Version }}") || version != "dev" {
		t.Errorf("ldflags %q do not set the version, which is %q here", flags, version)
	}
	for _, system := range []string{"linux", "darwin", "windows", "freebsd"} {
		for _, arch := range []string{"amd64", "arm64"} {
			if !slices.ContainsFunc(b.Targets, func(target string) bool { return strings.HasPrefix(target, system+"_"+arch) }) {
				t.Errorf("no build for %s_%s", system, arch)
			}
		}
	}
}

func TestRelease_TheSignatureIsDetachedAndBinary(t *testing.T) {
	t.Parallel()
	c := readRelease(t)
	s := c.Signs[0]
	if s.Artifacts != "checksum" || s.Signature != "${artifact}.sig" || !slices.Contains(s.Args, "--detach-sign") || slices.Contains(s.Args, "--armor") {
		t.Errorf("%+v", s)
	}
	// Else the sums are written anew after they were signed, with the signature among them.
	if len(c.Checksum.IDs) != 1 || c.Checksum.IDs[0] != c.Archives[0].ID {
		t.Errorf("sums are of %v, and not of the archives %q alone", c.Checksum.IDs, c.Archives[0].ID)
	}
}
