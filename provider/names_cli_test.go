package provider_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client"
)

// counted is a list of keys under count, with these names.
func counted(names ...string) string {
	return fmt.Sprintf("locals {\n  names = [\"%s\"]\n}\n\nresource \"postern_apikey\" \"each\" {\n  count  = length(local.names)\n  name   = local.names[count.index]\n  scopes = [\"read\"]\n}\n",
		strings.Join(names, `", "`))
}

// haveNames fails the test unless the keys on the server have these names. It returns their ids
// in that order.
func (w world) haveNames(want ...string) []string {
	w.t.Helper()
	ids, all := map[string]string{}, []string{}
	for key, err := range w.client.APIKeys.All(w.t.Context(), client.ListAPIKeys{}) {
		if err != nil {
			w.t.Fatal(err)
		}
		ids[key.Name] = key.ID
		all = append(all, key.Name)
	}
	slices.Sort(all)
	if sorted := slices.Sorted(slices.Values(want)); !slices.Equal(all, sorted) {
		w.t.Errorf("the names are %q, want %q", all, sorted)
	}
	found := make([]string, 0, len(want))
	for _, name := range want {
		found = append(found, ids[name])
	}
	return found
}

// Names move between the keys of one configuration in one apply, and no key is made anew.
func TestNames_MoveBetweenKeysInOneApply(t *testing.T) {
	t.Parallel()
	twelve := make([]string, 12)
	for i := range twelve {
		twelve[i] = fmt.Sprintf("test-%02d", i)
	}
	front, turned := append([]string{"test-first"}, twelve...), append([]string{"test-11"}, twelve[:11]...)
	for name, c := range map[string]struct {
		before, after []string
		slots         string
	}{
		"insertion at the front":            {twelve, front, "10"},
		"insertion at the front, two slots": {twelve, front, "2"},
		"a swap":                            {[]string{"test-a", "test-b"}, []string{"test-b", "test-a"}, "10"},
		"a cycle, applied with one slot":    {twelve, turned, "1"},
		"removal from the front":            {front, twelve, "10"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c1 := w.pipeline(counted(c.before...))
			c1.ok(applyIt...)
			was := w.haveNames(c.before...)
			replaced(c1, counted(c.before...), counted(c.after...))
			c1.plan("names.tfplan")
			c1.ok("apply", "-no-color", "-parallelism="+c.slots, "names.tfplan")
			is := w.haveNames(c.after...)
			if n := min(len(is), len(was)); !slices.Equal(was[:n], is[:n]) {
				t.Errorf("the keys were %q, and are %q", was, is)
			}
			c1.unchanged()
		})
	}
}
