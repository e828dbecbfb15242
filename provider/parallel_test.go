package provider_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// What terraform -parallelism=100 does to one provider process, where the race detector
// sees all of it: every key is planned, made, read, rotated and read again at once.
func TestAPIKey_ManyAtOnceDoNotDisturbEachOther(t *testing.T) {
	t.Parallel()
	const many = 50 // where a rotation makes a new key, that is the limit of 100
	for platform, scope := range map[string]string{"postern": "write", "sendgrid": "mail.send"} {
		t.Run(platform, func(t *testing.T) {
			t.Parallel()
			w := on(t, platform)
			p := w.inProcess()
			kind := p.kind("postern_apikey")
			trigger := func(n string) tftypes.Value {
				return tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, map[string]tftypes.Value{"n": text(n)})
			}
			config := func(i int, n string) object {
				return object{
					"name": text(fmt.Sprintf("test-%d", i)), "enabled": tftypes.NewValue(tftypes.Bool, true), "rotate_when_changed": trigger(n),
					"scopes": tftypes.NewValue(tftypes.Set{ElementType: tftypes.String}, []tftypes.Value{text(scope)}),
				}
			}
			secrets := make([]string, many)
			var all sync.WaitGroup
			for i := range many {
				all.Go(func() {
					state := p.applied("postern_apikey", config(i, "1"), nil)
					read := p.read(&tfprotov6.ReadResourceRequest{TypeName: "postern_apikey", CurrentState: state.NewState, Private: state.Private})
					state.NewState, state.Private = read.NewState, read.Private
					state = p.applied("postern_apikey", config(i, "2"), state)
					got := p.attributes(kind, state.NewState)
					var name string
					if err := got["secret"].As(&secrets[i]); err != nil {
						t.Error(err)
					}
					if err := got["name"].As(&name); err != nil || name != fmt.Sprintf("test-%d", i) {
						t.Errorf("key %d is %s (%v)", i, name, err)
					}
				})
			}
			all.Wait()
			different := map[string]bool{}
			for _, s := range secrets {
				if got := w.verdict(s); got != api.VerifyValid {
					t.Errorf("a secret is %s", got)
				}
				different[s] = true
			}
			if len(different) != many {
				t.Errorf("%d different secrets for %d keys", len(different), many)
			}
		})
	}
}
