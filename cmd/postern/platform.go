package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/postern-dev/terraform-provider-postern/internal/platform"
)

// platformCommand needs no data folder: it is about files alone.
type platformCommand struct {
	List  platformListCommand  `cmd:"" help:"List the built-in platforms."`
	Show  platformShowCommand  `cmd:"" help:"Print the file of a built-in platform, as a start for one of your own."`
	Check platformCheckCommand `cmd:"" help:"Check a platform file and print what it means. Every fault is told with its line."`
}

type platformListCommand struct{}

// Run prints a line for each built-in platform.
func (platformListCommand) Run(out *output) error {
	for _, name := range platform.Names() {
		p, err := platform.Builtin(name)
		if err != nil {
			return err //nolint:wrapcheck // it names file and line
		}
		if _, err := fmt.Fprintf(out.stdout, "%-12s %s, %d scopes\n", p.Name, p.Title, len(p.Scopes.Names())); err != nil {
			return err //nolint:wrapcheck // nothing to add
		}
	}
	return nil
}

type platformShowCommand struct {
	Name string `arg:"" help:"The platform's name."`
}

// Run prints the file.
func (c *platformShowCommand) Run(out *output) error {
	source, err := platform.Source(c.Name)
	if err != nil {
		return err //nolint:wrapcheck // it lists the known names
	}
	_, err = out.stdout.Write(source)
	return err //nolint:wrapcheck // nothing to add
}

type platformCheckCommand struct {
	File string `arg:"" help:"The platform file." placeholder:"FILE"`
}

// Run checks the file as serve does, its name among the built-in ones included.
func (c *platformCheckCommand) Run(out *output) error {
	if info, err := os.Stat(c.File); err != nil {
		return fmt.Errorf("reading the platform file: %w", err)
	} else if info.IsDir() {
		return fmt.Errorf("%s is a folder; name a platform file", c.File)
	}
	if _, err := platform.Load(c.File); err != nil {
		return fmt.Errorf("%s is not a good platform file:\n%w", c.File, err)
	}
	p, err := platform.ReadFile(c.File)
	if err != nil {
		return err //nolint:wrapcheck // it names file and line
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%s is a good platform file: %s (%s).\n\nWhat each scope grants:\n", c.File, p.Name, p.Title)
	for _, name := range p.Scopes.Names() {
		effective := p.Scopes.Effective([]string{name})
		fmt.Fprintf(&text, "  %-24s %s", name, strings.Join(effective, ", "))
		if rights := p.Rights(effective); len(rights) > 0 {
			fmt.Fprintf(&text, "; may ask the management API for %s", strings.Join(rights, ", "))
		}
		text.WriteString("\n")
	}
	_, err = out.stdout.Write([]byte(text.String()))
	return err //nolint:wrapcheck // nothing to add
}
