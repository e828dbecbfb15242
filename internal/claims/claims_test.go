package claims_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/claims"
)

// instance is one instance of a resource: it has a name, is to have another, or goes. A new
// one has no id.
type instance struct{ id, from, to string }

// terraform runs what Terraform does, as far as the provider sees it.
type terraform struct {
	traffic  *claims.Traffic
	registry *claims.Registry
	slots    int
	refresh  bool
	apply    bool
	names    map[string]string // id by name, before the run

	mu       sync.Mutex
	verdicts map[string]claims.Verdict // by the name that is wished
	twice    []string
}

func newTerraform(slots int, instances ...instance) *terraform {
	traffic := &claims.Traffic{}
	tf := &terraform{traffic: traffic, registry: claims.New(traffic), slots: slots, refresh: true, names: map[string]string{}, verdicts: map[string]claims.Verdict{}}
	for _, i := range instances {
		if i.id != "" && i.from != "" {
			tf.names[i.from] = i.id
		}
	}
	return tf
}

// run asks about the instances in this order.
func (tf *terraform) run(instances ...instance) {
	free := make(chan struct{}, tf.slots)
	var wg sync.WaitGroup
	for _, i := range instances {
		free <- struct{}{}
		wg.Go(func() {
			defer func() { <-free }()
			tf.ask(i)
		})
		synctest.Wait()
	}
	wg.Wait()
}

func (tf *terraform) ask(i instance) {
	const work = 10 * time.Millisecond
	if tf.apply && i.from == i.to {
		return // nobody asks about such an instance
	}
	if i.id != "" && tf.refresh && !tf.apply {
		end := tf.traffic.Begin(claims.Read)
		time.Sleep(work)
		tf.registry.Saw(claims.APIKey, "", i.id)
		end()
	}
	end := tf.traffic.Begin(claims.Plan)
	ok := tf.plan(i)
	end()
	if tf.apply && ok {
		end := tf.traffic.Begin(claims.Apply)
		time.Sleep(work)
		end()
	}
}

func (tf *terraform) plan(i instance) bool {
	if i.to == "" {
		tf.registry.Leaves(claims.APIKey, "", i.id)
		return true
	}
	w := claims.Wish{Seat: claims.Seat{Kind: claims.APIKey, Name: i.to}, ID: i.id}
	if _, taken := tf.registry.Claim(w); taken {
		tf.mu.Lock()
		defer tf.mu.Unlock()
		tf.twice = append(tf.twice, i.to)
		return false
	}
	holder := tf.names[i.to]
	if i.from == i.to || holder == "" {
		return true
	}
	verdict, _ := tf.registry.Settle(context.Background(), w, holder)
	tf.mu.Lock()
	defer tf.mu.Unlock()
	tf.verdicts[i.to] = verdict
	return verdict == claims.GivesWay || verdict == claims.Unsure
}

// only fails the test unless all verdicts are among these.
func (tf *terraform) only(t *testing.T, allowed ...claims.Verdict) {
	t.Helper()
	for name, verdict := range tf.verdicts {
		if !slices.Contains(allowed, verdict) {
			t.Errorf("%s: the verdict is %d, want one of %d", name, verdict, allowed)
		}
	}
	if len(tf.twice) > 0 {
		t.Errorf("planned twice: %v", tf.twice)
	}
}

// shift is a list under count with a new element at its front: each key gets the name of the
// one before, and the last name is that of a new key.
func shift(n int) []instance {
	all := []instance{{"key_0", "name 0", "the new name"}}
	for i := 1; i < n; i++ {
		all = append(all, instance{fmt.Sprint("key_", i), fmt.Sprint("name ", i), fmt.Sprint("name ", i-1)})
	}
	return append(all, instance{"", "", fmt.Sprint("name ", n-1)})
}

func shuffled(seed uint64, all []instance) []instance {
	all = slices.Clone(all)
	rand.New(rand.NewPCG(seed, 0)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

func TestSettle_AShiftPassesInAnyOrderWithSlots(t *testing.T) {
	t.Parallel()
	all := shift(50)
	for seed := range uint64(20) {
		for name, set := range map[string]func(*terraform){
			"plan": func(*terraform) {}, "plan without a refresh": func(tf *terraform) { tf.refresh = false }, "apply": func(tf *terraform) { tf.apply = true },
		} {
			synctest.Test(t, func(t *testing.T) {
				tf := newTerraform(10, all...)
				set(tf)
				tf.run(shuffled(seed, all)...)
				if tf.only(t, claims.GivesWay, claims.Unsure); len(tf.verdicts) != 50 {
					t.Errorf("%s: %d verdicts", name, len(tf.verdicts))
				}
			})
		}
	}
}

// With one slot a plan cannot tell a key that is still to come from one of somebody else. An
// apply can, unless it begins with a new key.
func TestSettle_AShiftUnderOneSlot(t *testing.T) {
	t.Parallel()
	all := shift(50)
	backwards := slices.Clone(all)
	slices.Reverse(backwards)
	for name, c := range map[string]struct {
		apply   bool
		order   []instance
		refused int
	}{
		"a plan in order":            {false, all, 0},
		"a plan, the last one first": {false, backwards, 50},
		"an apply in order":          {true, all, 0},
		"an apply, one of the last":  {true, append(slices.Clone(backwards[1:]), backwards[0]), 0},
		"an apply, the new key":      {true, backwards, 1},
		"an apply in any order":      {true, shuffled(3, all), 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			tf := newTerraform(1, all...)
			tf.apply = c.apply
			tf.run(c.order...)
			refused := 0
			for _, verdict := range tf.verdicts {
				if verdict == claims.UnseenSo {
					refused++
				}
			}
			if refused != c.refused || len(tf.verdicts) != 50 {
				t.Errorf("%s: %d of %d are refused, want %d", name, refused, len(tf.verdicts), c.refused)
			}
		})
	}
}

func TestSettle_ForeignAndNeighbouringNames(t *testing.T) {
	t.Parallel()
	stays := []instance{{"key_a", "a", "a"}, {"key_b", "b", "b"}, {"key_c", "c", "c"}}
	for name, c := range map[string]struct {
		foreign  string // a name that a key outside of the run has
		run      []instance
		slots    int
		apply    bool
		verdicts map[string]claims.Verdict
		twice    int
	}{
		"a new key alone":               {"taken", []instance{{"", "", "taken"}}, 10, false, map[string]claims.Verdict{"taken": claims.UnseenSo}, 0},
		"a new key among others":        {"taken", append(stays, instance{"", "", "taken"}), 10, false, map[string]claims.Verdict{"taken": claims.Unseen}, 0},
		"before the others":             {"taken", append([]instance{{"", "", "taken"}}, stays...), 10, false, map[string]claims.Verdict{"taken": claims.Unseen}, 0},
		"a rename":                      {"taken", append(stays, instance{"key_d", "d", "taken"}), 10, false, map[string]claims.Verdict{"taken": claims.Unseen}, 0},
		"one slot":                      {"taken", append(stays, instance{"", "", "taken"}), 1, false, map[string]claims.Verdict{"taken": claims.UnseenSo}, 0},
		"a swap":                        {"", []instance{{"key_a", "a", "b"}, {"key_b", "b", "a"}}, 10, false, map[string]claims.Verdict{"a": claims.GivesWay, "b": claims.GivesWay}, 0},
		"of a key that goes":            {"", []instance{{"", "", "a"}, {"key_a", "a", ""}}, 10, false, map[string]claims.Verdict{"a": claims.GivesWay}, 0},
		"of a key that stays":           {"", append([]instance{{"", "", "b"}}, stays...), 10, false, map[string]claims.Verdict{"b": claims.GivesWay}, 1},
		"of a key that stayed":          {"", append(stays, instance{"", "", "b"}), 1, false, nil, 1},
		"two new keys of one name":      {"", []instance{{"", "", "new"}, {"", "", "new"}}, 10, false, nil, 1},
		"two renames to one name":       {"", []instance{{"key_a", "a", "new"}, {"key_b", "b", "new"}}, 10, false, nil, 1},
		"an apply of this alone":        {"taken", []instance{{"", "", "taken"}}, 10, true, map[string]claims.Verdict{"taken": claims.UnseenSo}, 0},
		"an apply of a rename alone":    {"taken", []instance{{"key_d", "d", "taken"}}, 1, true, map[string]claims.Verdict{"taken": claims.Unsure}, 0},
		"an apply beside another's":     {"taken", []instance{{"", "", "taken"}, {"key_d", "d", "free"}}, 10, true, map[string]claims.Verdict{"taken": claims.GivesWay}, 0},
		"the name given up comes later": {"", append([]instance{{"", "", "a"}}, instance{"key_b", "b", "b"}, instance{"key_a", "a", "x"}), 10, false, map[string]claims.Verdict{"a": claims.GivesWay}, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			tf := newTerraform(c.slots, c.run...)
			tf.apply = c.apply
			if c.foreign != "" {
				tf.names[c.foreign] = "key_of_others"
			}
			tf.run(c.run...)
			if len(tf.twice) != c.twice || fmt.Sprint(tf.verdicts) != fmt.Sprint(c.verdicts) {
				t.Errorf("%s: verdicts %v, want %v; %d names are planned twice, want %d", name, tf.verdicts, c.verdicts, len(tf.twice), c.twice)
			}
		})
	}
}

// Where all that is served waits, one goes on for the others to see whether more comes; the
// others are refused when nothing does.
func TestSettle_OfSeveralForeignNamesOneIsNotSure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		wishes := []instance{{"", "", "x"}, {"key_a", "a", "y"}, {"", "", "z"}}
		tf := newTerraform(10, wishes...)
		tf.refresh = false
		for _, name := range []string{"x", "y", "z"} {
			tf.names[name] = "key_of_others"
		}
		tf.run(wishes...)
		if want := map[string]claims.Verdict{"x": claims.Unseen, "y": claims.Unsure, "z": claims.Unseen}; fmt.Sprint(tf.verdicts) != fmt.Sprint(want) {
			t.Errorf("the verdicts are %v, want %v", tf.verdicts, want)
		}
	})
}

// An interrupt ends the wait.
func TestSettle_EndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		traffic := &claims.Traffic{}
		r := claims.New(traffic)
		defer traffic.Begin(claims.Plan)()
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		w := claims.Wish{Seat: claims.Seat{Kind: claims.APIKey, Name: "a"}}
		r.Claim(w)
		if _, err := r.Settle(ctx, w, "key_a"); err == nil {
			t.Error("it waits on")
		}
	})
}

// Terraform plans a replacement twice: the second time as if nothing were there.
func TestClaim_AReplacementHasTheNameOfWhatItReplaces(t *testing.T) {
	t.Parallel()
	r := claims.New(&claims.Traffic{})
	seat := claims.Seat{Kind: claims.APIKey, Place: "acme", Name: "a"}
	for what, w := range map[string]claims.Wish{"it stays": {Seat: seat, ID: "key_a"}, "it stays still": {Seat: seat, ID: "key_a"}} {
		if _, taken := r.Claim(w); taken {
			t.Errorf("%s: the name is taken", what)
		}
	}
	anew := claims.Wish{Seat: seat, Replaces: "key_a"}
	if _, taken := r.Claim(anew); taken {
		t.Error("the name of the replaced key is taken")
	}
	if verdict, _ := r.Settle(t.Context(), anew, "key_a"); verdict != claims.GivesWay {
		t.Errorf("the verdict is %d", verdict)
	}
	if other, taken := r.Claim(claims.Wish{Seat: seat}); !taken || other.ID != "" {
		t.Errorf("a third one gets it from %q", other.ID)
	}
	if _, taken := r.Claim(claims.Wish{Seat: claims.Seat{Kind: claims.APIKey, Name: "a"}}); taken {
		t.Error("the name is taken in another place")
	}
}

// A run does not see the calls of the one before it in the same process.
func TestNew_BeginsAnew(t *testing.T) {
	t.Parallel()
	traffic := &claims.Traffic{}
	first := claims.New(traffic)
	traffic.Begin(claims.Apply)()
	if !first.Applying() || claims.New(traffic).Applying() {
		t.Error("the runs are one")
	}
}
