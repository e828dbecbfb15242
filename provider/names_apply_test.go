package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// nameRun is one apply in this process, of keys that have or get names.
type nameRun struct {
	*scene
	p    inProcess
	held map[string]held // by what the test calls the key
}

func newNameRun(t *testing.T, names ...string) *nameRun {
	t.Helper()
	r := &nameRun{scene: newScene(t, "postern")}
	r.keys(names...)
	return r
}

// keys makes these keys and no others, and begins an apply.
func (r *nameRun) keys(names ...string) {
	r.t.Helper()
	r.tidy()
	r.held = map[string]held{}
	r.begin()
	for _, name := range names {
		r.quiet(r.give(name, name))
	}
	r.begin()
}

// begin is a new apply. The first change of an apply shows that it is one.
func (r *nameRun) begin() {
	r.t.Helper()
	r.p = r.provider(r.server.URL)
	r.named++
	first := fmt.Sprintf("first-%d", r.named)
	r.quiet(r.give(first, first))
	r.quiet(r.give(first, ""))
}

// give makes or renames a key, or deletes it where the name is empty.
func (r *nameRun) give(called, name string) []*tfprotov6.Diagnostic {
	r.t.Helper()
	var config object
	if name != "" {
		config = object{"name": text(name), "scopes": tftypes.NewValue(tftypes.Set{ElementType: tftypes.String}, []tftypes.Value{text("write")})}
	}
	after, diags := r.apply(r.p, config, r.held[called])
	r.held[called] = after
	if !failed(diags) && r.field(after, "name") != name {
		r.t.Errorf("the state of %s has the name %q, want %q", called, r.field(after, "name"), name)
	}
	return diags
}

func (r *nameRun) quiet(diags []*tfprotov6.Diagnostic) {
	r.t.Helper()
	if len(diags) > 0 {
		r.t.Errorf("%s", say(diags))
	}
}

// check fails the test unless the service has the names that the states have.
func (r *nameRun) check(what string) {
	r.t.Helper()
	live := r.live()
	for called, h := range r.held {
		id, name := r.field(h, "id"), r.field(h, "name")
		if id != "" && (live[id] == nil || live[id].Name != name) {
			r.t.Errorf("%s: key %s is %+v, and its state has the name %q", what, called, live[id], name)
		}
	}
	r.checkStrangers("names", what)
}

// orders are all orders of the steps.
func orders[T any](steps []T) [][]T {
	if len(steps) < 2 {
		return [][]T{steps}
	}
	var all [][]T
	for i := range steps {
		rest := append(append([]T(nil), steps[:i]...), steps[i+1:]...)
		for _, order := range orders(rest) {
			all = append(all, append([]T{steps[i]}, order...))
		}
	}
	return all
}

// Whatever the order, each key has its name when the apply is over.
func TestNames_ApplyConvergesInEachOrder(t *testing.T) {
	t.Parallel()
	type step struct{ called, name string }
	for name, c := range map[string]struct {
		before []string
		steps  []step
	}{
		"a swap":                {[]string{"a", "b"}, []step{{"a", "b"}, {"b", "a"}}},
		"a cycle":               {[]string{"a", "b", "c"}, []step{{"a", "b"}, {"b", "c"}, {"c", "a"}}},
		"insertion at a front":  {[]string{"a", "b"}, []step{{"a", "new"}, {"b", "a"}, {"last", "b"}}},
		"removal from a front":  {[]string{"a", "b", "c"}, []step{{"a", "b"}, {"b", "c"}, {"c", ""}}},
		"create before destroy": {[]string{"a"}, []step{{"successor", "a"}, {"a", ""}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newNameRun(t)
			for _, order := range orders(c.steps) {
				r.keys(c.before...)
				for _, s := range order {
					for _, d := range r.give(s.called, s.name) {
						if d.Severity == tfprotov6.DiagnosticSeverityError || !strings.Contains(d.Summary, "has a temporary name") {
							t.Errorf("%v: %s", order, say([]*tfprotov6.Diagnostic{d}))
						}
					}
				}
				r.check(fmt.Sprint(order))
				for called, h := range r.held {
					if h.state != nil {
						r.quiet(r.give(called, "free-"+called)) // without a refresh
					}
				}
				r.check("the next run")
			}
		})
	}
}

// A run that breaks off leaves a key that works under a temporary name, and says so. The next
// one finds it and sets its name.
func TestNames_ABrokenOffRunIsMended(t *testing.T) {
	t.Parallel()
	r := newNameRun(t, "a", "b")
	if _, err := r.truth.Update(t.Context(), r.field(r.held["a"], "id"), api.UpdateAPIKey{Description: new("somebody else")}); err != nil {
		t.Fatal(err)
	}
	told(t, say(r.give("b", "a")), "API key "+r.field(r.held["b"], "id")+" has a temporary name", r.field(r.held["a"], "id")+" gives it up")
	diags := r.give("a", "c")
	if told(t, say(diags), "API key "+r.field(r.held["b"], "id")+" keeps a temporary name"); !failed(diags) {
		t.Error("the key that somebody has changed is changed")
	}
	r.begin()
	for called, want := range map[string]string{"a": "a", "b": "a-waiting-"} {
		h, diags := r.refresh(r.p, r.held[called])
		r.held[called] = h
		if r.quiet(diags); !strings.HasPrefix(r.field(h, "name"), want) {
			t.Errorf("the name of %s is %q", called, r.field(h, "name"))
		}
	}
	r.quiet(r.give("a", "c"))
	r.quiet(r.give("b", "a"))
	r.check("the next run")
}

// A key that no call of the run is about is never touched, whoever it belongs to.
func TestNames_AKeyOfSomebodyElseKeepsItsName(t *testing.T) {
	t.Parallel()
	r := newNameRun(t, "a")
	stranger := r.strangers["stranger"].made
	told(t, say(r.give("a", stranger.Name)), "has a temporary name", stranger.ID, "the next plan says who has the name")
	told(t, say(r.give("new", stranger.Name)), "is planned for two API keys", "Key "+r.field(r.held["a"], "id"))
	r.checkStrangers("names", "two keys that want the name")
	if n := len(r.live()); n != 2 {
		t.Errorf("%d keys live", n)
	}
}
