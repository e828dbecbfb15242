package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"

	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

// configFile holds the settings of a configuration file. It gives way to flags,
// which kong sees to, and to the environment.
type configFile struct {
	name   string
	values map[string]*yaml.Node
	keys   []*yaml.Node // in the file's order
}

// loadConfig reads a YAML mapping from flag names to plain values.
func loadConfig(r io.Reader) (kong.Resolver, error) {
	c := &configFile{name: "the configuration file", values: map[string]*yaml.Node{}}
	if f, ok := r.(*os.File); ok {
		c.name = f.Name()
	}
	var document yaml.Node
	err := yaml.NewDecoder(r).Decode(&document)
	if errors.Is(err, io.EOF) {
		return c, nil // an empty file sets nothing
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", c.name, err)
	}
	top := document.Content[0]
	if top.Kind != yaml.MappingNode {
		return nil, c.fault(top, "settings are written as \"name: value\", one on a line")
	}
	for i := 0; i < len(top.Content); i += 2 {
		key, value := top.Content[i], top.Content[i+1]
		if value.Kind != yaml.ScalarNode || value.Tag == "!!null" {
			return nil, c.fault(value, "%q needs one plain value", key.Value)
		}
		if before, twice := c.values[key.Value]; twice {
			return nil, c.fault(key, "%q is set on line %d already", key.Value, before.Line)
		}
		c.values[key.Value] = value
		c.keys = append(c.keys, key)
	}
	return c, nil
}

func (c *configFile) fault(at *yaml.Node, format string, args ...any) error {
	return fmt.Errorf("%s line %d: %s", c.name, at.Line, fmt.Sprintf(format, args...))
}

// Validate refuses a key that no command has.
func (c *configFile) Validate(app *kong.Application) error {
	known := settings(app.Node)
	for _, key := range c.keys {
		if known[key.Value] {
			continue
		}
		var names []string
		for name := range known {
			names = append(names, name)
		}
		if nearest := scope.Nearest(key.Value, names); nearest != "" {
			return c.fault(key, "%q is not a setting; the nearest is %q", key.Value, nearest)
		}
		return c.fault(key, "%q is not a setting; see postern serve --help", key.Value)
	}
	return nil
}

// settings are the names of all flags, of whichever command, that the environment
// may set, too: one file serves them all.
func settings(node *kong.Node) map[string]bool {
	names := map[string]bool{}
	for _, flag := range node.Flags {
		if len(flag.Envs) > 0 && flag.Name != "config" {
			names[flag.Name] = true
		}
	}
	for _, child := range node.Children {
		for name := range settings(child) {
			names[name] = true
		}
	}
	return names
}

// Resolve gives a flag its value from the file, unless the environment has one.
func (c *configFile) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	value, ok := c.values[flag.Name]
	// What the environment may not set is for one call only: the --platform of
	// account create is not the one that serve starts with.
	if !ok || len(flag.Envs) == 0 {
		return nil, nil
	}
	for _, name := range flag.Envs {
		if os.Getenv(name) != "" {
			return nil, nil
		}
	}
	return value.Value, nil
}

// forgetEmptyVariables takes empty variables of all flags out of the environment. A
// service file or a manifest that sets one to nothing means that it is not set, and kong
// would take it for the value "".
func forgetEmptyVariables(node *kong.Node) {
	for _, flag := range node.Flags {
		for _, name := range flag.Envs {
			if text, set := os.LookupEnv(name); set && text == "" {
				_ = os.Unsetenv(name) // fails only for a name that could not have been set
			}
		}
	}
	for _, child := range node.Children {
		forgetEmptyVariables(child)
	}
}
