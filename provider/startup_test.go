package provider_test

import (
	"path/filepath"
	"strings"
	"testing"
)

// parses is a configuration that calls the provider and no service.
const parses = `output "name" {
  value = provider::postern::parse_scope("sendgrid", "mail.send").name
}
`

// withStandIn is a terraform of which the provider is observed, or crashes.
func withStandIn(t *testing.T, program, at string, env ...string) cli {
	t.Helper()
	return newCLI(t, parses, append(standInFor(t, "postern-dev/postern", program, at), env...)...)
}

// Terraform parses each line that a provider writes, also where it then drops it.
func TestStartup_LogsWhatIsAskedForOnly(t *testing.T) {
	t.Parallel()
	built, err := builtProvider()
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(built, "terraform-provider-postern")
	at := t.TempDir()
	withStandIn(t, program, at).ok("plan", "-no-color")
	if saw := observedAt(t, at); saw.Said != 0 {
		t.Errorf("with no TF_LOG set the provider writes %d bytes of log", saw.Said)
	}
	out := withStandIn(t, program, at, "TF_LOG_PROVIDER=TRACE").ok("plan", "-no-color")
	if saw := observedAt(t, at); saw.Said == 0 || !strings.Contains(out, "sdk.proto") || !strings.Contains(out, "sdk.framework") {
		t.Errorf("with TF_LOG_PROVIDER=TRACE the provider writes %d bytes of log, and terraform shows %.2000s", saw.Said, out)
	}
}

func TestStartup_CrashIsShownWithoutALog(t *testing.T) {
	t.Parallel()
	code, out := withStandIn(t, crashing, t.TempDir()).run("plan", "-no-color")
	for _, want := range []string{"Stack trace from the terraform-provider-postern", "panic: this is where it broke", "standin_test.go"} {
		if code == 0 || !strings.Contains(out, want) {
			t.Errorf("exit code %d, and no %q in %s", code, want, out)
		}
	}
}
