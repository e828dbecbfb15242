package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// secrets are the credentials met on the way. None of them is ever printed.
type secrets struct{ known []string }

func (s *secrets) add(text string) {
	if text != "" {
		s.known = append(s.known, text)
	}
}

// redact takes them out of a text.
func (s *secrets) redact(text string) string {
	for _, one := range s.known {
		text = strings.ReplaceAll(text, one, "[secret]")
	}
	return text
}

// in returns how many of them are in the text.
func (s *secrets) in(text []byte) int {
	n := 0
	for _, one := range s.known {
		if bytes.Contains(text, []byte(one)) {
			n++
		}
	}
	return n
}

// below looks for them in all files of a folder and fails when there is one. It
// returns the number of files.
func (s *secrets) below(dir string) (files int, err error) {
	err = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path) //nolint:gosec // a file of the folder that this program made
		if err != nil {
			return fmt.Errorf("reading the server's folder: %w", err)
		}
		files++
		if s.in(text) > 0 {
			return fmt.Errorf("a secret is in the server's file %s in clear text", entry.Name())
		}
		return nil
	})
	return files, err
}
