// Command postern is the server: it issues, limits, rotates, revokes and verifies
// API keys, and keeps them in a folder of its own.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// version is set when a release is built.
var version string

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal asks to stop, the second one ends the program at once.
	context.AfterFunc(ctx, stop)
	p := program{version: buildVersion(version)}
	os.Exit(p.Run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}
