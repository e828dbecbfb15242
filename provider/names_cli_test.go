package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client"
	"github.com/postern-dev/terraform-provider-postern/client/api"
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
	front := append([]string{"test-first"}, twelve...)
	for name, c := range map[string]struct {
		before, after []string
		slots         string // of the apply
	}{
		"insertion at the front":         {twelve, front, "10"},
		"a swap":                         {[]string{"test-a", "test-b"}, []string{"test-b", "test-a"}, "10"},
		"a cycle, applied with one slot": {[]string{"test-a", "test-b", "test-c"}, []string{"test-c", "test-a", "test-b"}, "1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			terraform := w.pipeline(counted(c.before...))
			terraform.ok(applyIt...)
			was := w.haveNames(c.before...)
			replaced(terraform, counted(c.before...), counted(c.after...))
			terraform.plan("names.tfplan")
			terraform.ok("apply", "-no-color", "-parallelism="+c.slots, "names.tfplan")
			is := w.haveNames(c.after...)
			if n := min(len(is), len(was)); !slices.Equal(was[:n], is[:n]) {
				t.Errorf("the keys were %q, and are %q", was, is)
			}
			terraform.unchanged()
		})
	}
}

// single is a key of that name in a resource of that name.
func single(resource, name string, more ...string) string {
	return fmt.Sprintf("resource \"postern_apikey\" %q {\n  name   = %q\n  scopes = [\"read\"]\n%s}\n", resource, name, strings.Join(more, ""))
}

// A plan refuses a name that another key has after the run, and says which key that is.
func TestNames_TakenOnesAreErrorsOfThePlan(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	foreign, err := w.client.APIKeys.Create(t.Context(), api.CreateAPIKey{Name: "test-foreign", Scopes: []string{"read"}})
	if err != nil {
		t.Fatal(err)
	}
	c := w.pipeline(single("a", "test-a") + single("b", "test-b"))
	c.ok(applyIt...)
	a, b := c.attribute("postern_apikey.a", "id"), c.attribute("postern_apikey.b", "id")
	const neighbours = "a rename to a neighbour's"
	for name, tt := range map[string]struct {
		config  string
		says    []string
		silence string
	}{
		"two new keys":                  {single("x", "test-x") + single("y", "test-x"), []string{"is planned for two API keys", "Another resource of this configuration"}, "import"},
		neighbours:                      {single("a", "test-a") + single("b", "test-a"), []string{"is planned for two API keys"}, "import"},
		"a new key of a neighbour's":    {single("a", "test-a") + single("b", "test-b") + single("x", "test-a"), []string{"is planned for two API keys"}, "import"},
		"a new key of a foreign name":   {single("a", "test-a") + single("b", "test-b") + single("x", "test-foreign"), []string{`The name "test-foreign" is taken`, "Key " + foreign.ID + " has it", "import that key"}, "parallelism"},
		"a rename to a foreign name":    {single("a", "test-a") + single("b", "test-foreign"), []string{`The name "test-foreign" is taken`, foreign.ID, "import that key"}, "parallelism"},
		"one that is removed, and anew": {single("b", "test-b") + single("x", "test-a"), nil, "import"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			other := w.pipeline(tt.config)
			state := c.read("terraform.tfstate")
			if err := os.WriteFile(filepath.Join(other.dir, "terraform.tfstate"), []byte(state), 0o600); err != nil {
				t.Fatal(err)
			}
			code, out := other.run("plan", "-no-color")
			told(t, out, tt.says...)
			if name == neighbours { // the one that Terraform asks about last has the error, and it names the other
				other := a
				if strings.Contains(out, "with postern_apikey.a,") {
					other = b
				}
				told(t, out, "Key "+other+", which is in this configuration too")
			}
			if wants := min(1, len(tt.says)); code != wants || strings.Contains(out, tt.silence) {
				t.Errorf("exit %d: %s", code, out)
			}
		})
	}
	alone := w.pipeline(single("x", "test-foreign"))
	told(t, alone.fails([]string{"plan", "-no-color"}, `The name "test-foreign" is taken`), foreign.ID)
}

// With create_before_destroy the successor of a key is made while that has its name, and has
// it when the apply is over. Where nothing shows that this is an apply, the successor is
// refused before anything is made.
func TestNames_ASuccessorIsMadeBeforeItsPredecessorGoes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	early := "  lifecycle {\n    create_before_destroy = true\n  }\n"
	c := w.pipeline(single("test", "test", early) + single("other", "test-other"))
	c.ok(applyIt...)
	was := c.attribute(subject, "id")
	replace := []string{"apply", "-no-color", "-auto-approve", "-replace=" + subject}
	told(t, c.fails(replace, `The name "test" is taken`, "create_before_destroy", "rotate the key instead"), was)
	if w.haveNames("test", "test-other")[0] != was || c.attribute(subject, "id") != was {
		t.Error("the key is another one")
	}
	replaced(c, `"test-other"`, `"test-another"`)
	c.ok(replace...)
	if is := w.haveNames("test", "test-another")[0]; is == was || is != c.attribute(subject, "id") {
		t.Errorf("the key was %s, is %s, and the state has %s", was, is, c.attribute(subject, "id"))
	}
	c.unchanged()
}
