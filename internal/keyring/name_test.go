package keyring_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

func TestRule6_NamesAreUniqueWhereThePlatformSaysSo(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t, parsed(t))
	a, other := w.tenant("postern", ""), w.tenant("postern", "")
	first, second := a.key(newKey("ci", "read")), a.key(newKey("CI", "read"))
	_, err := w.CreateAPIKey(ctx, a.asOwner(), newKey("ci", "read"), "")
	refusedAs(t, "create", err, api.CodeNameTaken, "name")
	contains(t, err, first.ID)
	_, err = w.UpdateAPIKey(ctx, a.asOwner(), second.ID, keyring.APIKeyChange{Name: ptr("ci")}, nil)
	refusedAs(t, "rename", err, api.CodeNameTaken, "name")
	if len(a.keys()) != 2 {
		t.Errorf("there are %d names, want 2", len(a.keys()))
	}
	a.change(first.ID, keyring.APIKeyChange{Name: ptr("ci"), Description: ptr("keeps its name")})
	other.key(newKey("ci", "read"))
	a.delete(first.ID)
	a.change(second.ID, keyring.APIKeyChange{Name: ptr("ci")})
	a.key(newKey("CI", "read"))

	free := w.tenant("parsed", "")
	one, two := free.key(newKey("same", "keys")), free.key(newKey("same", "keys"))
	if one.ID == two.ID {
		t.Error("two keys of one name are one key")
	}
	free.change(free.key(newKey("other", "keys")).ID, keyring.APIKeyChange{Name: ptr("same")})
}

func TestRule6_OfManyAtOnceOneGetsTheName(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.tenant("postern", "")
	who, others := a.asOwner(), []string{}
	for i := range 8 {
		others = append(others, a.key(newKey(fmt.Sprint("other ", i), "read")).ID)
	}
	var made atomic.Int32
	var wg sync.WaitGroup
	outcome := func(what string, err error) {
		if err == nil {
			made.Add(1)
			return
		}
		refusedAs(t, what, err, api.CodeNameTaken, "name")
	}
	for _, id := range others {
		wg.Go(func() {
			_, err := w.CreateAPIKey(t.Context(), who, newKey("wanted", "read"), "")
			outcome("create", err)
		})
		wg.Go(func() {
			_, err := w.UpdateAPIKey(t.Context(), who, id, keyring.APIKeyChange{Name: ptr("wanted")}, nil)
			outcome("rename", err)
		})
	}
	wg.Wait()
	if made.Load() != 1 {
		t.Errorf("%d got the name", made.Load())
	}
}

func TestNamesThatAReviewerCannotRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.tenant("postern", "")
	for what, name := range map[string]string{
		"empty": "", "leading space": " ci", "trailing space": "ci ", "new line": "a\nb", "tab": "a\tb", "NUL": "a\x00b", "not UTF-8": "a\xff",
		"right to left": "a\u202eb", "zero width": "a\u200bb", "no-break space": "a\u00a0b", "too long": strings.Repeat("é", 101),
	} {
		_, err := w.CreateAPIKey(t.Context(), a.asOwner(), newKey(name, "read"), "")
		refusedAs(t, what, err, api.CodeValidationFailed, "name")
	}
	for _, name := range []string{strings.Repeat("é", 100), "ci / deploy #1", "Größe", "鍵"} {
		if got := a.key(newKey(name, "read")).Name; got != name {
			t.Errorf("the name %q became %q", name, got)
		}
	}
}
