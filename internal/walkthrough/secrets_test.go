package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSecrets_Below(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "deep"), 0o700); err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := secrets{}
	s.add("") // must not match everything
	s.add("ptn_key_made-up")
	write("one", "nothing here")
	write("deep/two", "ptn_key_made")
	if n, err := s.below(dir); err != nil || n != 2 {
		t.Errorf("got %d files and %v", n, err)
	}
	write("deep/three", "x\x00ptn_key_made-up\x00y")
	_, err := s.below(dir)
	if err == nil || !strings.Contains(err.Error(), "three") {
		t.Errorf("the secret was not found: %v", err)
	}
	if err != nil && strings.Contains(err.Error(), "made-up") {
		t.Errorf("the error shows the secret: %v", err)
	}
}
