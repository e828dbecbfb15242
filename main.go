// Command terraform-provider-postern serves the provider to Terraform.
package main

import (
	"flag"
	"log"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/postern-dev/terraform-provider-postern/internal/startup"
	"github.com/postern-dev/terraform-provider-postern/provider"
)

// version is set by the build.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "run so that a debugger such as delve can be attached")
	flag.Parse()
	startup.CollectLess()
	logger, err := startup.LimitLog()
	if err != nil {
		log.Fatal(err)
	}
	opts := []tf6server.ServeOpt{tf6server.WithGoPluginLogger(logger)}
	if *debug {
		opts = append(opts, tf6server.WithManagedDebug())
	}
	if err := tf6server.Serve("registry.terraform.io/postern-dev/postern", provider.NewServer(version), opts...); err != nil {
		log.Fatal(err)
	}
}
