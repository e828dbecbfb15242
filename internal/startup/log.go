// Package startup sets what a provider's process costs before it serves: what it logs, and
// how often it collects garbage.
package startup

import (
	"os"
	"strings"

	"github.com/hashicorp/go-hclog"
)

// off is the level at which nothing is logged.
const off = "OFF"

// The variables that set what a provider logs. Terraform passes its own environment on.
const (
	envLog          = "TF_LOG"          // all that Terraform shows
	envLogProviders = "TF_LOG_PROVIDER" // what it shows of providers, before TF_LOG
	envLogSDK       = "TF_LOG_SDK"      // what the libraries write
	envLogProtocol  = "TF_LOG_SDK_PROTO"
	envLogFramework = "TF_LOG_SDK_FRAMEWORK"
	envLogPostern   = "TF_LOG_PROVIDER_POSTERN" // what this provider writes
)

// LimitLog makes the libraries write only what Terraform shows, and returns a logger for the
// plugin's own start that does the same. By default they write every trace line, and Terraform
// parses each of them and drops it: that is more than a third of a plan's time. A level that
// somebody has set for a library stays, and a crash is no log: it is written in any case.
func LimitLog() (hclog.Logger, error) {
	for name, level := range logLevels(os.Getenv) {
		if err := os.Setenv(name, level); err != nil {
			return nil, err
		}
	}
	return hclog.New(&hclog.LoggerOptions{Level: hclog.LevelFromString(shown(os.Getenv)), Output: os.Stderr, JSONFormat: true}), nil
}

// shown is the level at which Terraform shows a provider's log.
func shown(getenv func(string) string) string {
	level := getenv(envLogProviders)
	if level == "" {
		level = getenv(envLog)
	}
	switch level = strings.ToUpper(level); level {
	case "":
		return off
	case off, "ERROR", "WARN", "INFO", "DEBUG":
		return level
	}
	return "TRACE" // also for JSON, and for what is no level: Terraform takes both for it
}

// logLevels are the variables to set. A library's part is left to a level that was set for
// the library.
func logLevels(getenv func(string) string) map[string]string {
	levels := map[string]string{}
	level := shown(getenv)
	for _, name := range []string{envLogPostern, envLogSDK} {
		if getenv(name) == "" {
			levels[name] = level
		}
	}
	for _, name := range []string{envLogProtocol, envLogFramework} {
		if getenv(name) == "" && getenv(envLogSDK) == "" {
			levels[name] = level // else it is asked for with each line
		}
	}
	return levels
}
