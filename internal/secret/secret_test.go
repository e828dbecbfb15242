package secret_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

var own = secret.Format{Prefix: "ptn_key_", Alphabet: "base62", Length: 43, Checksum: true}

// Formats with the key's id, without and with a checksum.
var (
	withID   = secret.Format{Prefix: "SG.", Alphabet: "base64url", IDLength: 22, Length: 43}
	withBoth = secret.Format{Prefix: "SG.", Alphabet: "base62", IDLength: 22, Length: 43, Checksum: true}
)

// client/api tests every way to print a Secret; this is about what the package keeps in one.
func TestPeppersAndSealsPrintNoKey(t *testing.T) {
	t.Parallel()
	key := []byte("a key of thirty-two bytes, plain")
	peppers, err := secret.ParsePeppers([]byte("1 " + base64.StdEncoding.EncodeToString(key)))
	if err != nil {
		t.Fatal(err)
	}
	type holder struct {
		pepper secret.Pepper
		all    secret.Peppers
	}
	in := holder{peppers[0], peppers}
	for _, v := range []any{peppers, peppers[0], &peppers[0], in, &in, []any{in}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%c", "%p"} {
			text := fmt.Sprintf(verb, v)
			for _, form := range []string{string(key), strings.Trim(fmt.Sprintf("%d", key), "[]"), fmt.Sprintf("%x", key), fmt.Sprintf("%X", key), strings.Trim(fmt.Sprintf("%#v", key), "[]byte{}"), strings.Trim(fmt.Sprintf("%c", key), "[]")} {
				if strings.Contains(text, form) {
					t.Errorf("%s of a %T shows the key: %s", verb, v, text)
				}
			}
		}
	}
	seal, err := secret.NewSeal(own.Mint(""), "nonce")
	if err != nil {
		t.Fatal(err)
	}
	other, err := secret.NewSeal(own.Mint(""), "nonce")
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%x", "%d", "%p"} {
		// All seals print alike, so that nothing of a key is in it.
		if one, two := fmt.Sprintf(verb, struct{ s secret.Seal }{seal}), fmt.Sprintf(verb, struct{ s secret.Seal }{other}); one != two {
			t.Errorf("%s tells seals apart: %s, %s", verb, one, two)
		}
	}
}

func TestMintedSecretsMatchTheirFormatAndDiffer(t *testing.T) {
	t.Parallel()
	for _, f := range []secret.Format{own, withID, withBoth, {Prefix: "bme_", Alphabet: "base62", Length: 43}, {Prefix: "a.", Alphabet: "base64url", Length: 66}} {
		seen := map[string]bool{}
		for range 1000 {
			s := f.Mint(secret.Random(f.Alphabet, f.IDLength)).Reveal()
			if !f.Matches(s) {
				t.Fatalf("a secret of %s does not match its own format", f.Prefix)
			}
			if seen[s] {
				t.Fatal("minted the same secret twice")
			}
			seen[s] = true
		}
	}
}

func TestChecksumRefusesEverySingleChangedCharacter(t *testing.T) {
	t.Parallel()
	s := own.Mint("").Reveal()
	for i := range s {
		changed := []byte(s)
		changed[i] = 'A'
		if s[i] == 'A' {
			changed[i] = 'B'
		}
		if own.Matches(string(changed)) {
			t.Errorf("accepted with character %d changed", i)
		}
	}
	for _, bad := range []string{"", "ptn_key_", s[:len(s)-1], s + "A", "x" + s} {
		if own.Matches(bad) {
			t.Errorf("accepted a secret of %d characters", len(bad))
		}
	}
}

func TestHintShowsFourRandomCharacters(t *testing.T) {
	t.Parallel()
	s := own.Mint("")
	if got, want := own.Hint(s), s.Reveal()[:12]+"..."; got != want {
		t.Errorf("hint %q, want %q", got, want)
	}
}

func TestASecretHoldsItsKeysIDWhereTheFormatSaysSo(t *testing.T) {
	t.Parallel()
	id := secret.Random("base64url", 22)
	s := withID.Mint(id)
	text := s.Reveal()
	if len(text) != 69 || !strings.HasPrefix(text, "SG."+id+".") {
		t.Errorf("a secret of %d characters does not hold its id", len(text))
	}
	if got, want := withID.Hint(s), text[:30]+"..."; got != want {
		t.Errorf("hint %q, want the prefix, the id and 4 characters more", got)
	}
	if strings.Contains(own.Mint("hushhush").Reveal(), "hushhush") {
		t.Error("a format without ids holds one")
	}
	random := text[len("SG.")+22+1:]
	for name, bad := range map[string]string{
		"no id": "SG." + random, "no dot": "SG." + id + random, "empty id": "SG.." + random,
		"short id": "SG." + id[1:] + "." + random, "long id": "SG." + id + "A." + random, "id of other letters": "SG." + id[1:] + "+." + random,
		"short random part": text[:len(text)-1], "long random part": text + "A", "third part": text + ".A", "other letters": text[:len(text)-1] + "+",
	} {
		if withID.Matches(bad) {
			t.Errorf("accepted with %s", name)
		}
	}
}

func TestOfTakesTheLettersOfTheAlphabetOnly(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		alphabet, text string
		want           bool
	}{
		{"base62", "azAZ09", true},
		{"base62", "a-", false},
		{"base64url", "a-_", true},
		{"base36", "az09", true},
		{"base36", "A", false},
		{"digits", "0123456789", true},
		{"nonzero", "0", false},
		{"base99", "a", false},
		{"digits", "\u0661", false},
	} {
		if got := secret.Of(tc.alphabet, tc.text); got != tc.want {
			t.Errorf("Of(%s, %q) = %v", tc.alphabet, tc.text, got)
		}
	}
}

func TestRandomUsesEveryLetterEvenly(t *testing.T) {
	t.Parallel()
	const n = 620_000
	counts := map[rune]int{}
	for _, r := range secret.Random("base62", n) {
		counts[r]++
	}
	if len(counts) != 62 {
		t.Fatalf("%d letters, want 62", len(counts))
	}
	for r, c := range counts { // mean 10,000, standard deviation about 99
		if c < 9_300 || c > 10_700 {
			t.Errorf("%q came %d times of %d", r, c, n)
		}
	}
}

func TestDigestDependsOnThePepper(t *testing.T) {
	t.Parallel()
	s := own.Mint("")
	a, b := secret.NewPepper(1), secret.NewPepper(1)
	if a.Digest(s) == b.Digest(s) {
		t.Error("two peppers, one digest")
	}
	if a.Digest(s) != a.Digest(secret.From(s.Reveal())) {
		t.Error("one pepper, two digests")
	}
}

func TestPepperFileRoundTrip(t *testing.T) {
	t.Parallel()
	one, two := secret.NewPepper(1), secret.NewPepper(2)
	got, err := secret.ParsePeppers([]byte("# kept apart from the database\n\n" + one.Line() + two.Line()))
	if err != nil {
		t.Fatal(err)
	}
	if got.Current().Line() != two.Line() || len(got) != 2 || !got.Has(1) || got.Has(3) {
		t.Errorf("got %v", got)
	}
}

func TestPepperFileErrorsNameTheLineAndNeverItsContent(t *testing.T) {
	t.Parallel()
	good := secret.NewPepper(1).Line()
	for name, tc := range map[string]struct{ text, want string }{
		"empty":         {"", "no pepper"},
		"one field":     {"\nhushhush", "line 2: want a version"},
		"bad version":   {"hushhush AAAA", "line 1: the version"},
		"short":         {"1 hushhush", "line 1: the pepper must be 32 bytes"},
		"version twice": {good + good, "line 2: version 1 is there twice"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := secret.ParsePeppers([]byte(tc.text))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Fatalf("got %v, want %q", err, tc.want)
			}
			if strings.Contains(err.Error(), "hushhush") {
				t.Errorf("%q quotes the file", err)
			}
		})
	}
}

func TestSealOpensOnlyWithBothHalves(t *testing.T) {
	t.Parallel()
	seal := func(credential, nonce string) secret.Seal {
		s, err := secret.NewSeal(secret.From(credential), nonce)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	closed, err := seal("credential", "nonce").Close([]byte("hushhush"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(closed), "hushhush") {
		t.Error("the seal shows what is in it")
	}
	if plain, err := seal("credential", "nonce").Open(closed); err != nil || string(plain) != "hushhush" {
		t.Errorf("got %q, %v", plain, err)
	}
	for _, other := range []secret.Seal{seal("other", "nonce"), seal("credential", "other")} {
		if _, err := other.Open(closed); err == nil {
			t.Error("opened with the wrong key")
		}
	}
}

func TestFormatCheck(t *testing.T) {
	t.Parallel()
	for want, f := range map[string]secret.Format{
		"prefix must not be empty":  {Alphabet: "base62", Length: 43},
		"prefix must be at most 32": {Prefix: "a b", Alphabet: "base62", Length: 43},
		`alphabet "base99"`:         {Prefix: "a_", Alphabet: "base99", Length: 43},
		"length must be 22 to 128":  {Prefix: "a_", Alphabet: "base62", Length: 21},
		`alphabet "digits"`:         {Prefix: "a_", Alphabet: "digits", Length: 43},
		"20 to 64 characters, or left out for secrets that do not hold their key's id, not 19": {Prefix: "a_", Alphabet: "base62", IDLength: 19, Length: 43},
		"hold their key's id, not 65": {Prefix: "a_", Alphabet: "base62", IDLength: 65, Length: 43},
		"hold their key's id, not -1": {Prefix: "a_", Alphabet: "base62", IDLength: -1, Length: 43},
	} {
		if err := f.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	for _, f := range []secret.Format{own, withID, withBoth} {
		if err := f.Check(); err != nil {
			t.Error(err)
		}
	}
}
