package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/postern-dev/terraform-provider-postern/internal/platform"
	"github.com/postern-dev/terraform-provider-postern/internal/server"
)

// program is the whole command, apart from the process that it runs in.
type program struct {
	version string
}

// output is where a command writes: what it was asked for, and what happens.
type output struct {
	stdout, stderr io.Writer
}

// cli is what the command line takes. Each flag is also a POSTERN_ variable and a
// line of the configuration file, in this order of strength.
type cli struct {
	Config      kong.ConfigFlag  `help:"Read settings from this YAML file: flags without their dashes, such as \"data-dir: /var/lib/postern\"." placeholder:"FILE"`
	ShowVersion kong.VersionFlag `name:"version" help:"Print the version and leave." env:"-"`

	Init       initCommand       `cmd:"" help:"Make the data folder, an account and its owner credential, and print that once."`
	Serve      serveCommand      `cmd:"" help:"Serve the management API. The first start does what init does."`
	Account    accountCommand    `cmd:"" help:"Make accounts and change their standing, in the data folder."`
	OwnerKey   ownerKeyCommand   `cmd:"" help:"Make, list and revoke the credentials that accounts are managed with, in the data folder."`
	Audit      auditCommand      `cmd:"" help:"Read and prove the audit trail, in the data folder."`
	ResetClock resetClockCommand `cmd:"" help:"Take back the time that the data folder has recorded, where a start refuses because it was wrong."`
	Platform   platformCommand   `cmd:"" help:"Look at platforms and check files of your own."`
	Version    versionCommand    `cmd:"" help:"Print the version."`
}

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run(p *program, out *output) error {
	_, err := fmt.Fprintln(out.stdout, p.version)
	return err
}

// exit is how kong's wish to leave, after --help or --version, gets out of it.
type exit int

// Run runs the command line and returns the program's exit code. It ends early
// when ctx does.
func (p *program) Run(ctx context.Context, args []string, stdout, stderr io.Writer) (code int) {
	defer func() {
		if wish, ok := recover().(exit); ok {
			code = int(wish)
		}
	}()
	err := p.run(ctx, args, &output{stdout, stderr})
	if err == nil {
		return 0
	}
	_, _ = fmt.Fprintf(stderr, "postern: %s\n", hideSecrets(withHelp(err)))
	var usage *kong.ParseError
	if errors.As(err, &usage) {
		return usage.ExitCode()
	}
	return 1
}

func (p *program) run(ctx context.Context, args []string, out *output) error {
	parser, err := kong.New(&cli{}, append(mappers(),
		kong.Name("postern"),
		kong.Description("Manages API keys as code. See https://github.com/postern-dev/terraform-provider-postern."),
		kong.Vars{
			"version":   p.version,
			"platforms": strings.Join(platform.Names(), ", "),
			"rights":    strings.Join(platform.Rights(), ", "),
			"listen":    server.DefaultListen,
			"drain":     server.DefaultDrain.String(),
		},
		kong.DefaultEnvars("POSTERN"),
		kong.Configuration(loadConfig),
		kong.Writers(out.stdout, out.stderr),
		kong.Exit(func(code int) { panic(exit(code)) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(p, out))...,
	)
	if err != nil {
		return fmt.Errorf("reading the commands: %w", err)
	}
	forgetEmptyVariables(parser.Model.Node)
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(args)
	if err != nil {
		return err
	}
	return command.Run()
}

// buildVersion is the version that a release was given, or else what Go knows
// about how the program was built.
func buildVersion(given string) string {
	if given != "" {
		return given
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "dev"
}
