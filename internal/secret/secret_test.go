package secret_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

var own = secret.Format{Prefix: "ptn_key_", Alphabet: "base62", Length: 43, Checksum: true}

func TestSecretNeverPrintsItself(t *testing.T) {
	t.Parallel()
	s := own.Mint()
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "secret", s, "in", struct{ S secret.Secret }{s})
	encoded, err := json.Marshal(map[string]any{"s": s, "p": &s})
	if err != nil {
		t.Fatal(err)
	}
	for how, text := range map[string]string{
		"%v": fmt.Sprintf("%v", s), "%+v": fmt.Sprintf("%+v", struct{ S secret.Secret }{s}), "%#v": fmt.Sprintf("%#v", s),
		"%s": s.String(), "%q": fmt.Sprintf("%q", s), "log": log.String(), "json": string(encoded),
	} {
		if strings.Contains(text, s.Reveal()) {
			t.Errorf("%s shows the secret", how)
		}
	}
}

func TestMintedSecretsMatchTheirFormatAndDiffer(t *testing.T) {
	t.Parallel()
	for _, f := range []secret.Format{own, {Prefix: "bme_", Alphabet: "base62", Length: 43}, {Prefix: "SG.", Alphabet: "base64url", Length: 66}} {
		seen := map[string]bool{}
		for range 1000 {
			s := f.Mint().Reveal()
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
	s := own.Mint().Reveal()
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
	s := own.Mint()
	if got, want := own.Hint(s), s.Reveal()[:12]+"..."; got != want {
		t.Errorf("hint %q, want %q", got, want)
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
	s := own.Mint()
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
	if got.Current() != two || len(got) != 2 || !got.Has(1) || got.Has(3) {
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
	} {
		if err := f.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	if err := own.Check(); err != nil {
		t.Error(err)
	}
}
