package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The page of promises names tests: each of them is there, and each that hurts a server is on
// the page.
func TestPromises_NameTestsThatAreThere(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join("docs", "guides", "promises.md"))
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	declared := regexp.MustCompile(`(?m)^func (Test\w+)\(t \*testing\.T\)`)
	err = filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && (d.Name() == "node_modules" || strings.HasPrefix(d.Name(), ".") && d.Name() != ".") {
			if d != nil && d.IsDir() && err == nil {
				return fs.SkipDir
			}
			return err
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		for _, found := range declared.FindAllSubmatch(text, -1) {
			there[string(found[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, found := range regexp.MustCompile("`(Test\\w+)`").FindAllSubmatch(page, -1) {
		if name := string(found[1]); name != "TestFaults_" {
			named[name] = true
			if !there[name] {
				t.Errorf("docs/guides/promises.md names %s, and there is no such test", name)
			}
		}
	}
	if len(named) < 50 {
		t.Errorf("the page names %d tests: too few to show anything", len(named))
	}
	for name := range there {
		if strings.HasPrefix(name, "TestFaults_") && !named[name] {
			t.Errorf("%s is on no row of templates/guides/promises.md: say there what it promises", name)
		}
	}
}
