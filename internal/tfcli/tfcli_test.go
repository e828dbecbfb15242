//go:build unix

package tfcli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fake makes a program that prints the text, and returns its path.
func fake(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("#!/bin/sh\necho '"+text+"'\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFind_TakesTheFirstThatThereIs(t *testing.T) {
	const terraform, tofu = "Terraform v1.11.4", "OpenTofu v1.12.6"
	for name, tc := range map[string]struct {
		files map[string]string // what they print
		named string
		want  string // the path, below the folder
	}{
		"terraform":               {files: map[string]string{"path/terraform": terraform}, want: "path/terraform"},
		"tofu":                    {files: map[string]string{"path/tofu": tofu, "bin/tools/tofu": tofu}, want: "path/tofu"},
		"terraform before tofu":   {files: map[string]string{"path/terraform": terraform, "path/tofu": tofu}, want: "path/terraform"},
		"the one that was built":  {files: map[string]string{"bin/tools/tofu": tofu}, want: "bin/tools/tofu"},
		"the one that is named":   {files: map[string]string{"path/terraform": terraform, "path/tofu": tofu}, named: "tofu", want: "path/tofu"},
		"the one that has a path": {files: map[string]string{"path/terraform": terraform, "other/tf": tofu}, named: "other/tf", want: "other/tf"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for file, text := range tc.files {
				fake(t, filepath.Join(dir, file), text)
			}
			t.Setenv("PATH", filepath.Join(dir, "path")+":/usr/bin:/bin")
			t.Setenv(Env, tc.named)
			t.Chdir(dir)
			got, err := Find(t.Context(), dir)
			if err != nil || got.Path != filepath.Join(dir, tc.want) {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

func TestFind_SaysWhatIsMissing(t *testing.T) {
	for name, tc := range map[string]struct{ prints, named, want string }{
		"none":         {want: "neither terraform nor tofu is on the PATH"},
		"too old":      {prints: "Terraform v1.10.5", want: "is Terraform 1.10.5"},
		"too old tofu": {prints: "OpenTofu v1.10.9", want: "is OpenTofu 1.10.9"},
		"no version":   {prints: "hello", want: "does not tell its version"},
		"none so":      {prints: "Terraform v1.11.4", named: "nothing", want: Env + ` is "nothing", which cannot be run`},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if tc.prints != "" {
				fake(t, filepath.Join(dir, "terraform"), tc.prints)
			}
			t.Setenv("PATH", dir)
			t.Setenv(Env, tc.named)
			_, err := Find(t.Context(), dir)
			if err == nil || !strings.Contains(err.Error(), tc.want) || tc.named == "" && !strings.Contains(err.Error(), "1.11 or newer is needed") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// The number of a release does not tell what a tool has.
func TestTool_HasWhatItsProductHas(t *testing.T) {
	t.Parallel()
	for what, want := range map[string]map[Feature]bool{
		"Terraform v1.11.4":                   {Actions: false, Queries: false, IdentityImport: false, ProviderForEach: false, StateEncryption: false},
		"Terraform v1.14.0-rc1":               {Actions: true, Queries: true, IdentityImport: true, ProviderForEach: false, StateEncryption: false},
		"Terraform v2.0.0":                    {Actions: true, StateEncryption: false},
		"OpenTofu v1.11.2":                    {Actions: false, IdentityImport: false, ProviderForEach: true, StateEncryption: true},
		"OpenTofu v1.12.6":                    {Actions: false, Queries: false, IdentityImport: true, ProviderForEach: true, StateEncryption: true},
		"Warning: hm\n\nhm\nOpenTofu v1.15.0": {Actions: false, Queries: false},
		"Terraform v1.11\non me":              {Actions: false},
	} {
		tool, err := Ask(t.Context(), fake(t, filepath.Join(t.TempDir(), "tf"), what))
		if err != nil {
			t.Error(err)
		}
		for feature, has := range want {
			if tool.Has(feature) != has {
				t.Errorf("%s has %s: %v", tool, feature, !has)
			}
		}
	}
}

func TestNewEnough(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]bool{
		"1.11.0": true, "1.11.4": true, "1.12.0-rc1": true, "1.16.1": true, "2.0.0": true, "1.11": true,
		"1.10.9": false, "0.15.5": false, "1": false, "": false, "v1.11.0": false,
	} {
		if got := newEnough(version, release{minMajor, minMinor}); got != want {
			t.Errorf("%q: got %v", version, got)
		}
	}
}
