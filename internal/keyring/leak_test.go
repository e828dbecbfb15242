package keyring_test

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// window is how many characters of a secret are looked for: no two secrets share
// so many by chance, and no place that shows so many is harmless.
const window = 12

// needles finds secrets in a text, plain or in a usual encoding.
type needles map[string]string

func (n needles) add(what string, s secret.Secret) {
	random := s.Reveal()[len("ptn_owner_"):] // past every prefix
	n[random[:window]] = what
	n[random[len(random)-window:]] = what + ", its end"
	n[hex.EncodeToString([]byte(random))[:window]] = what + " in hex"
	for shift := range 3 {
		n[base64.StdEncoding.EncodeToString([]byte(random[shift:]))[:window]] = what + " in base64"
	}
}

func (n needles) in(text string) []string {
	var found []string
	for i := 0; i+window <= len(text); i++ {
		if what, ok := n[text[i:i+window]]; ok {
			found = append(found, what)
		}
	}
	return found
}

// files are the bytes of the database and of all that SQLite keeps beside it.
func (w *world) files() map[string]string {
	w.t.Helper()
	files := map[string]string{}
	entries, err := os.ReadDir(filepath.Dir(w.path))
	if err != nil {
		w.t.Fatal(err)
	}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(filepath.Dir(w.path), e.Name()))
		if err != nil {
			w.t.Fatal(err)
		}
		files[e.Name()] = string(text)
	}
	return files
}

func TestRule9_NoSecretIsInAnyByteOfTheDatabaseNorInTheTrail(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	find := needles{}
	find.add("owner's", a.owner)
	who := a.asOwner()
	minted := 0
	mint := func(what string) func(keyring.IssuedAPIKey, error) keyring.IssuedAPIKey {
		return func(issued keyring.IssuedAPIKey, err error) keyring.IssuedAPIKey {
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			find.add(what, issued.Secret)
			minted++
			return issued
		}
	}
	for i := range 210 {
		name := fmt.Sprintf("looked for %03d", i)
		k := keyring.IssuedAPIKey{}
		if i%2 == 0 {
			k = mint("created")(w.CreateAPIKey(ctx, who, newKey(name, "admin"), ""))
		} else {
			k = mint("created once")(w.CreateAPIKey(ctx, who, newKey(name, "admin"), fmt.Sprint(once, i)))
			mint("repeated")(w.CreateAPIKey(ctx, who, newKey(name, "admin"), fmt.Sprint(once, i)))
		}
		switch i % 5 {
		case 0:
			k = mint("rotated")(w.RotateAPIKey(ctx, who, k.ID, keyring.Rotation{Overlap: time.Hour}, nil, ""))
		case 1:
			k = mint("rotated once")(w.RotateAPIKey(ctx, who, k.ID, keyring.Rotation{}, nil, fmt.Sprint(twice, i)))
		case 2:
			a.delete(k.ID)
			continue
		}
		if i%20 == 0 { // and the secret is used
			self := w.as(k.Secret)
			mint("made by a key")(w.CreateAPIKey(ctx, self, newKey("of "+name, "read"), fmt.Sprint(once, i)))
			a.verify(k.Secret, "read")
			if _, err := w.APIKey(ctx, self, k.Secret.Reveal()); err == nil {
				t.Error("there is a key whose id is a secret")
			}
		}
	}
	look := func(when string, want int) {
		t.Helper()
		files := w.files()
		if len(files) != want {
			t.Errorf("%s there are %d files, want %d", when, len(files), want)
		}
		all := ""
		for name, text := range files {
			all += text
			if found := find.in(text); len(found) > 0 {
				t.Errorf("%s, %s holds %d secrets, such as one %s", when, name, len(found), found[0])
			}
		}
		// The same search finds what is there, so it looks in the right place.
		if n := len(needles{"looked for 0": "", "looked for 2": ""}.in(all)); n < 100 {
			t.Errorf("%s the names of %d keys are in the files", when, n)
		}
		if planted := find.in(all + a.owner.Reveal()); len(planted) != 2 {
			t.Errorf("%s the search finds %v of a secret that is there", when, planted)
		}
	}
	look("while the database is open", 4) // the database, its log, its shared memory, the space kept back
	trail := printed(t, a.events())
	for _, e := range a.events() {
		trail += string(e.Detail)
	}
	if found := find.in(trail); len(found) > 0 || len(trail) < 10_000 {
		t.Errorf("the trail of %d bytes holds %v", len(trail), found)
	}
	a.chain()
	w.close()
	look("after it was closed", 2)
	w.store = nil
	w.openAgain()
	if minted < 300 || len(a.keys()) < 150 {
		t.Errorf("%d secrets were minted and %d keys are there: too few to show anything", minted, len(a.keys()))
	}
}

// TestRule9_NoErrorRepeatsASecretThatWasSentInTheWrongPlace mixes the fields of a
// request up, as people do.
func TestRule9_NoErrorRepeatsASecretThatWasSentInTheWrongPlace(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	s := a.key(newKey("ci", "read")).Secret
	who, weak := a.asOwner(), a.delegate("weak", "read")
	find := needles{}
	find.add("a key's", s)
	before := len(a.events())
	for what, err := range map[string]error{
		"read":        second(w.APIKey(ctx, who, s.Reveal())),
		"update":      second(w.UpdateAPIKey(ctx, who, s.Reveal(), keyring.APIKeyChange{Name: ptr("x")}, nil)),
		"rotate":      second(w.RotateAPIKey(ctx, who, s.Reveal(), keyring.Rotation{}, nil, "")),
		"delete":      w.DeleteAPIKey(ctx, who, s.Reveal(), nil),
		"scope":       second(w.Scope(ctx, who, s.Reveal())),
		"cursor":      third(w.APIKeys(ctx, who, keyring.APIKeyFilter{Cursor: s.Reveal(), Limit: 1})),
		"status":      third(w.APIKeys(ctx, who, keyring.APIKeyFilter{Status: s.Reveal(), Limit: 1})),
		"denied read": second(w.APIKey(ctx, weak, s.Reveal())),
		"denied":      w.DeleteAPIKey(ctx, weak, s.Reveal(), nil),
		"unknown":     second(w.Authenticate(ctx, secret.From(s.Reveal()+"x"), origin)),
	} {
		var refusal *keyring.Error
		if !errors.As(err, &refusal) {
			t.Errorf("%s: got %v", what, err)
		}
		if found := find.in(printed(t, err) + fmt.Sprint(err)); len(found) > 0 {
			t.Errorf("%s: the error holds %s secret", what, found[0])
		}
	}
	events := a.events()[before:]
	if len(events) != 2 {
		t.Errorf("%d denials were recorded, want 2", len(events))
	}
	if text := printed(t, events); len(find.in(text)) > 0 || strings.Contains(text, s.Reveal()) {
		t.Error("the trail holds a secret")
	}
	for name, text := range w.files() {
		if len(find.in(text)) > 0 {
			t.Errorf("%s holds a secret", name)
		}
	}
}
