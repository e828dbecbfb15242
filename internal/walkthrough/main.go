// Command walkthrough shows Postern from end to end with the real parts: it
// builds the server and the provider, starts the server on a throw-away folder,
// and takes one API key from a Terraform plan to its removal. Every step is
// checked. It is what "make run" starts, from the root of the repository.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/tfcli"
)

// Exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	// SIGPIPE is here for "make run | head": its default would end the program
	// and leave the server behind.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("walkthrough", flag.ContinueOnError)
	flags.SetOutput(stderr)
	name := flags.String("platform", "postern", "the platform to show: "+choices())
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return exitDone
	} else if err != nil {
		return exitUsage
	}
	chosen, err := platformNamed(*name)
	if err == nil && flags.NArg() > 0 {
		err = fmt.Errorf("nothing is expected after the flags, and there is %q", flags.Arg(0))
	}
	if err != nil {
		fmt.Fprintln(stderr, "walkthrough:", err)
		return exitUsage
	}
	cli, err := tfcli.Find(ctx, ".")
	if err == nil {
		err = checkPlace(chosen)
	}
	if err != nil {
		fmt.Fprintln(stderr, "walkthrough:", err)
		return exitFailed
	}
	return show(ctx, chosen, cli, stdout, stderr)
}

// show walks the whole way and cleans up, whatever happened on it.
func show(ctx context.Context, p platform, cli tfcli.Tool, stdout, stderr io.Writer) int {
	started := time.Now()
	t, err := newTour(p, cli, stdout)
	if err != nil {
		fmt.Fprintln(stderr, "walkthrough:", err)
		return exitFailed
	}
	fmt.Fprintf(stdout, "Postern on the platform %q, with %s: one API key from plan to removal.\n\n", p.name, cli)
	err = t.walk(ctx)
	left := t.close()
	switch {
	case err == nil:
	case ctx.Err() != nil:
		t.narrator.broken("interrupted")
	default:
		t.narrator.broken("NOT AS SAID")
		fmt.Fprint(stderr, t.report(err))
	}
	if left != nil {
		fmt.Fprintln(stderr, "walkthrough: cleaning up:", left)
	}
	if err != nil || left != nil {
		return exitFailed
	}
	fmt.Fprintf(stdout, "\nAll of this was as said, in %s:\n", time.Since(started).Round(100*time.Millisecond))
	for _, line := range p.summary() {
		fmt.Fprintln(stdout, "  -", line)
	}
	fmt.Fprintln(stdout, "Nothing is left running, and the temporary folder is removed.")
	return exitDone
}

// checkPlace makes sure that the sources are here.
func checkPlace(p platform) error {
	for _, file := range []string{"go.mod", p.example + "/main.tf", "cmd/postern"} {
		if _, err := os.Stat(file); err != nil {
			return fmt.Errorf("%s is not here: start it with make run, or from the root of the repository", file)
		}
	}
	return nil
}
