package provider_test

import (
	"strings"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// ignore_changes is about what is written, and age is about time: a key that is to be ignored
// must not quietly keep an old secret, nor a replaced key its power.
func TestRotation_ByAgeGoesOnUnderIgnoreChanges(t *testing.T) {
	t.Parallel()
	const config = `resource "postern_apikey" "test" {
  name     = "test"
  scopes   = ["FIRST"]
  rotation = { period = "720h", overlap = "1h" }
  lifecycle { ignore_changes = all }
}
`
	for platform, scopes := range map[string][2]string{"postern": {"read", "write"}, "sendgrid": {"mail.send", "stats.read"}} {
		t.Run(platform, func(t *testing.T) {
			t.Parallel()
			var w world
			var c cli
			config := strings.Replace(config, "FIRST", scopes[0], 1)
			if platform == "postern" {
				w = newWorld(t)
				c = w.pipeline(config)
			} else {
				v := onVendor(t, platform)
				w, c = v.world, v.pipeline("provider \"postern\" {\n  platform = \"sendgrid\"\n}\n"+config)
			}
			c.ok(applyIt...)
			c.edit(`"`+scopes[0]+`"`, `"`+scopes[1]+`"`)
			c.edit(`rotation =`, `# rotation =`)
			c.unchanged() // what was written is ignored, with the end of the rotation

			w.server.Advance(31 * day)
			if out := c.ok(applyIt...); !strings.Contains(out, `"due since `) || !strings.Contains(out, "0 added, 1 changed, 0 destroyed") {
				t.Errorf("nothing rotates: %s", out)
			}
			c.unchanged()
			for _, key := range w.keys() {
				if len(key.Scopes) != 1 || key.Scopes[0] != scopes[0] {
					t.Errorf("it got %v", key.Scopes)
				}
			}
			old := 1
			if platform != "postern" { // where the old key is one of its own
				old = 2
			}
			if got := w.keys(); len(got) != old {
				t.Errorf("%d keys, want %d", len(got), old)
			}
			w.server.Advance(2 * time.Hour)
			c.ok(applyIt...)
			c.unchanged()
			if got := w.keys(); len(got) != 1 || got[0].Status != api.StatusActive {
				t.Errorf("after the overlap: %+v", got)
			}
		})
	}
}
