package platform

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

//go:embed files/*.hcl
var files embed.FS

// maxFile bounds a platform file, in bytes. The largest built-in one has a
// fiftieth of it.
const maxFile = 1 << 20

// Names returns the names of the built-in platforms, sorted.
func Names() []string {
	entries, err := files.ReadDir("files")
	if err != nil {
		panic(err) // embedded: cannot fail in a program that was built
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".hcl"))
	}
	return names
}

// Source returns the file of the built-in platform of that name. The error for
// an unknown name lists those there are.
func Source(name string) ([]byte, error) {
	if !slices.Contains(Names(), name) {
		return nil, fmt.Errorf("platform %q is not known; use one of %s", name, strings.Join(Names(), ", "))
	}
	source, err := files.ReadFile("files/" + name + ".hcl")
	if err != nil {
		return nil, fmt.Errorf("reading platform %q: %w", name, err)
	}
	return source, nil
}

// Builtin reads the built-in platform of that name.
func Builtin(name string) (*Platform, error) {
	source, err := Source(name)
	if err != nil {
		return nil, err
	}
	return Parse(source, name+".hcl")
}

// ReadFile reads and checks an operator's own platform file. Its errors name the
// file and the line of every fault.
func ReadFile(path string) (*Platform, error) {
	f, err := os.Open(path) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, fmt.Errorf("reading the platform file: %w", err)
	}
	defer f.Close()
	source, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("reading the platform file: %w", err)
	}
	if len(source) > maxFile {
		return nil, fmt.Errorf("the platform file %s is larger than %d bytes", path, maxFile)
	}
	return Parse(source, path)
}

// Load returns the built-in platforms and those of the files, by name. A file
// cannot take the name of another platform: what an account's keys may do would
// change without a word.
func Load(paths ...string) (map[string]*Platform, error) {
	all := map[string]*Platform{}
	for _, name := range Names() {
		p, err := Builtin(name)
		if err != nil {
			return nil, err
		}
		all[name] = p
	}
	var faults []error
	for _, path := range paths {
		p, err := ReadFile(path)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		if _, taken := all[p.Name]; taken {
			faults = append(faults, fmt.Errorf("%s: there is a platform %q already; choose another name", path, p.Name))
			continue
		}
		all[p.Name] = p
	}
	return all, errors.Join(faults...)
}
