package provider_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	hclBlock = regexp.MustCompile("(?ms)^```(?:terraform|hcl)\n(.*?)^```")
	link     = regexp.MustCompile(`\]\(([^)#:]+)(?:#[^)]*)?\)`)
)

// pages are what people read: docs/ and the pages at the top.
func pages(t *testing.T) []string {
	t.Helper()
	files := []string{filepath.Join("..", "README.md"), filepath.Join("..", "CONTRIBUTING.md")}
	err := filepath.WalkDir(filepath.Join("..", "docs"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, path)
		}
		return err
	})
	if err != nil || len(files) < 20 {
		t.Fatalf("%d pages: %v", len(files), err)
	}
	return files
}

// What is copied from a guide or the README works: it is an example, and those are applied.
func TestDocs_EveryBlockOfAGuideIsAnExample(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	err := filepath.WalkDir(filepath.Join("..", "examples"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && (strings.HasSuffix(path, ".tf") || strings.HasSuffix(path, ".tftest.hcl")) {
			known[strings.TrimSpace(readExample(t, path))] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, page := range pages(t) {
		if filepath.Base(filepath.Dir(page)) != "guides" && filepath.Base(page) != "README.md" {
			continue
		}
		for _, block := range hclBlock.FindAllStringSubmatch(readExample(t, page), -1) {
			found++
			if !known[strings.TrimSpace(block[1])] {
				t.Errorf("%s has a block that is no file of examples/:\n%s", page, block[1])
			}
		}
	}
	if found < 15 {
		t.Errorf("only %d blocks found", found)
	}
}

func TestDocs_EveryLinkLeadsToAPage(t *testing.T) {
	t.Parallel()
	for _, page := range pages(t) {
		for _, l := range link.FindAllStringSubmatch(readExample(t, page), -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), l[1])); err != nil {
				t.Errorf("%s: %v", page, err)
			}
		}
	}
}

func TestDocs_TheIndexLeadsToEveryGuide(t *testing.T) {
	t.Parallel()
	index := readExample(t, filepath.Join("..", "docs", "index.md"))
	guides, err := filepath.Glob(filepath.Join("..", "docs", "guides", "*.md"))
	if err != nil || len(guides) == 0 {
		t.Fatal(err)
	}
	for _, guide := range guides {
		if !strings.Contains(index, "(guides/"+filepath.Base(guide)+")") {
			t.Errorf("docs/index.md does not lead to %s", guide)
		}
		if lines := strings.Count(readExample(t, guide), "\n"); lines > 200 {
			t.Errorf("%s has %d lines, and nobody reads more than 200", guide, lines)
		}
	}
}
