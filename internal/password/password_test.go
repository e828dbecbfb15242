package password

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestHash_MatchesItsOwnPasswordOnly(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	h := NewHasher()
	one, err := h.Hash(ctx, []byte("peppered"))
	if err != nil {
		t.Fatal(err)
	}
	two, err := h.Hash(ctx, []byte("peppered"))
	if err != nil || one == two {
		t.Errorf("the same password twice has the same hash, or %v", err)
	}
	parts := strings.Split(one, "$")
	if len(parts) != 6 || !strings.HasPrefix(one, "$argon2id$v=19$m=19456,t=2,p=1$") || len(parts[4]) != 22 || len(parts[5]) != 43 {
		t.Errorf("it is written as %q", one)
	}
	for text, want := range map[string]bool{"peppered": true, "Peppered": false, "peppered ": false, "": false} {
		for _, hash := range []string{one, two} {
			if good, err := h.Matches(ctx, hash, []byte(text)); err != nil || good != want {
				t.Errorf("%q matches: %t, %v", text, good, err)
			}
		}
	}
	// With other settings than those of today: what is stored says them.
	const older = "$argon2id$v=19$m=64,t=1,p=2$MDEyMzQ1Njc4OWFiY2RlZg$"
	sum := "not it, though of good length: 32 bytes"
	if good, err := h.Matches(ctx, older+"bm90IGl0LCB0aG91Z2ggb2YgMzIgYnl0ZXMgbGVuZ3Q", []byte(sum)); err != nil || good {
		t.Errorf("older settings: %t, %v", good, err)
	}
	if err := h.Waste(ctx, []byte("peppered")); err != nil {
		t.Error(err)
	}
}

func TestMatchesAny_FindsEachPasswordThatAUserHad(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	h := NewHasher()
	first, err := h.Hash(ctx, []byte("first"))
	if err != nil {
		t.Fatal(err)
	}
	hashes := []string{first}
	for _, text := range []string{"second", "third"} {
		next, err := h.HashBeside(ctx, first, []byte(text))
		if err != nil || strings.Split(next, "$")[4] != strings.Split(first, "$")[4] || next == first {
			t.Fatalf("%s has the hash %s, %v", text, next, err)
		}
		hashes = append(hashes, next)
	}
	again, err := h.HashBeside(ctx, hashes[2], []byte("first"))
	if err != nil || again != first {
		t.Errorf("the same password beside another has the hash %s, %v", again, err)
	}
	other, err := h.Hash(ctx, []byte("elsewhere"))
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{"first": true, "second": true, "third": true, "elsewhere": true, "fourth": false, "": false} {
		if good, err := h.MatchesAny(ctx, append(hashes, other), []byte(text)); err != nil || good != want {
			t.Errorf("%q matches any: %t, %v", text, good, err)
		}
	}
	if good, err := h.MatchesAny(ctx, nil, []byte("first")); err != nil || good {
		t.Errorf("none matches: %t, %v", good, err)
	}
	if _, err := h.MatchesAny(ctx, []string{first, "damaged"}, []byte("first")); err == nil {
		t.Error("a damaged hash is passed over")
	}
	if _, err := h.HashBeside(ctx, "damaged", []byte("first")); err == nil {
		t.Error("a damaged hash lends its salt")
	}
}

func TestMatches_RefusesADamagedHash(t *testing.T) {
	t.Parallel()
	h := NewHasher()
	good, err := h.Hash(t.Context(), []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(good, "$")
	with := func(i int, text string) string {
		changed := append([]string{}, parts...)
		changed[i] = text
		return strings.Join(changed, "$")
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for what, hash := range map[string]string{
		"empty": "", "one part": "x", "cut off": good[:40], "one part more": good + "$", "before it": "x" + good, "another kind": with(1, "argon2i"),
		"another version": with(2, "v=16"), "no version": with(2, ""), "too much memory": with(3, "m=262145,t=2,p=1"), "all memory": with(3, "m=4294967295,t=2,p=1"),
		"more than a number": with(3, "m=99999999999,t=2,p=1"), "little memory": with(3, "m=7,t=2,p=1"), "no passes": with(3, "m=19456,t=0,p=1"),
		"many passes": with(3, "m=19456,t=17,p=1"), "no threads": with(3, "m=19456,t=2,p=0"), "many threads": with(3, "m=19456,t=2,p=256"),
		"negative": with(3, "m=-1,t=2,p=1"), "more settings": with(3, "m=19456,t=2,p=1,x=2"), "a sign": with(3, "m=+19456,t=2,p=1"), "no settings": with(3, ""),
		"salt": with(4, "!"), "short salt": with(4, "MDEyMw"), "no salt": with(4, ""), "padded": with(4, parts[4]+"=="),
		"sum": with(5, "%"), "short sum": with(5, "MDEyMw"), "no sum": with(5, ""), "long sum": with(5, strings.Repeat("AAAA", 22)),
	} {
		if match, err := h.Matches(t.Context(), hash, []byte("x")); !errors.Is(err, errHash) || match {
			t.Errorf("%s: %t, %v", what, match, err)
		}
	}
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 100<<20 {
		t.Errorf("refusing them took %d bytes", took)
	}
	if match, err := h.Matches(t.Context(), good, []byte("x")); err != nil || !match {
		t.Errorf("the good one: %t, %v", match, err)
	}
}

func TestHasher_WaitsForItsTurnAsLongAsTheCallerDoes(t *testing.T) {
	t.Parallel()
	h := NewHasher()
	good, err := h.Hash(t.Context(), []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	turns := 2 * runtime.GOMAXPROCS(0)
	for range turns {
		if err := h.queue.enter(t.Context(), h.of); err != nil {
			t.Fatal(err)
		}
	}
	calls := map[string]func(context.Context) error{
		"hash":    func(ctx context.Context) error { _, err := h.Hash(ctx, []byte("x")); return err },
		"matches": func(ctx context.Context) error { _, err := h.Matches(ctx, good, []byte("x")); return err },
		"waste":   func(ctx context.Context) error { return h.Waste(ctx, []byte("x")) },
	}
	for what, call := range calls {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := call(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("%s with all turns taken: %v", what, err)
		}
		done := make(chan error)
		go func() { done <- call(t.Context()) }()
		select {
		case err := <-done:
			t.Errorf("%s did not wait for its turn: %v", what, err)
		case <-time.After(20 * time.Millisecond):
			h.queue.leave(h.of) // one is given back
			if err := <-done; err != nil {
				t.Errorf("%s: %v", what, err)
			}
			if err := h.queue.enter(t.Context(), h.of); err != nil {
				t.Fatal(err)
			}
		}
	}
	if h.queue.free != 0 || h.queue.taken[place{}] != turns || len(h.queue.waiting) != 0 {
		t.Errorf("%d turns are free and %d taken, want %d", h.queue.free, h.queue.taken[place{}], turns)
	}
}
