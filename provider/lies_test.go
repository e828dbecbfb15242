package provider_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/faults"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest/lies"
)

// operation is something that Terraform does with a key, while the service lies.
type operation struct {
	name  string
	fresh bool // there is no key yet
	old   bool // a rotation has left a key behind, whose overlap is over: of vendors
	// run does it and returns what Terraform holds afterwards.
	run func(s *scene, p inProcess, h held) (held, []*tfprotov6.Diagnostic)
	// rotates, removes: what the run is asked to do to the key.
	rotates, removes bool
}

func operations() []operation {
	with := func(config func(s *scene) object) func(*scene, inProcess, held) (held, []*tfprotov6.Diagnostic) {
		return func(s *scene, p inProcess, h held) (held, []*tfprotov6.Diagnostic) {
			h, said := s.refresh(p, h)
			if failed(said) {
				return h, said
			}
			h, more := s.apply(p, config(s), h)
			return h, append(said, more...)
		}
	}
	blind := func(config func(s *scene) object) func(*scene, inProcess, held) (held, []*tfprotov6.Diagnostic) {
		return func(s *scene, p inProcess, h held) (held, []*tfprotov6.Diagnostic) { return s.apply(p, config(s), h) }
	}
	same := func(s *scene) object { return s.config("1", "one") }
	change := func(s *scene) object { return s.config("1", "two") }
	rotate := func(s *scene) object { return s.config("2", "one") }
	nothing := func(*scene) object { return nil }
	return []operation{
		{name: "refresh", run: func(s *scene, p inProcess, h held) (held, []*tfprotov6.Diagnostic) { return s.refresh(p, h) }},
		{name: "create", fresh: true, run: with(same)},
		{name: "apply of no change", run: with(same)},
		{name: "update", run: with(change)},
		{name: "update without a refresh", run: blind(change)},
		{name: "rotation", run: with(rotate), rotates: true},
		{name: "rotation without a refresh", run: blind(rotate), rotates: true},
		{name: "end of an overlap", old: true, run: with(rotate)},
		{name: "destroy", run: with(nothing), removes: true},
		{name: "destroy without a refresh", run: blind(nothing), removes: true},
		{name: "destroy with a replaced key", old: true, run: with(nothing), removes: true},
	}
}

// TestFaults_NoKeyOfAStrangerIsTouchedWhateverAServiceAnswers runs the provider before a
// proxy that tells each kind of lie, and then asks the server itself what has become of all
// keys.
func TestFaults_NoKeyOfAStrangerIsTouchedWhateverAServiceAnswers(t *testing.T) {
	t.Parallel()
	for _, platform := range []string{"postern", "sendgrid", "mailchannels"} {
		t.Run(platform, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, platform)
			rounds := faults.Rounds(t, 1)
			for round := range rounds {
				for i, kind := range lies.Kinds(s.lies(""), 0) {
					for k := range operationsOfKind {
						all := append(operations(), moreOperations()...)
						s.try(all[(operationsOfKind*(i+round)+k)%len(all)], kind.Name, i+3*round+k)
					}
				}
			}
			s.log()
		})
	}
}

// operationsOfKind is how many operations a round tries with each kind of lie, in turn.
const operationsOfKind = 2

// try does an operation while the service tells a kind of lie, and checks what has become
// of all keys.
func (s *scene) try(op operation, kind string, moment int) {
	s.t.Helper()
	what := fmt.Sprintf("%s, %q at moment %d", op.name, kind, moment%lies.Moments)
	defer s.tidy()
	var mine held
	if !op.fresh {
		mine = s.honest(s.config("1", "one"), held{}, what)
	}
	if op.old {
		mine = s.honest(s.config("2", "one"), mine, what)
		s.server.Advance(25 * time.Hour)
	}
	before := s.live()
	id, secret := s.field(mine, "id"), s.field(mine, "secret")
	proxy := lies.Open(s.server.URL)
	defer proxy.Close()
	all := lies.Kinds(s.lies(id), moment)
	for _, lie := range all[slices.IndexFunc(all, func(k lies.Kind) bool { return k.Name == kind })].Lies {
		proxy.Tell(lie)
	}
	after, said := op.run(s, s.provider(proxy.URL), mine)
	s.count(kind).runs++
	if failed(said) {
		s.count(kind).refused++
	}
	what += ": " + say(said)
	s.checkStrangers(kind, what)
	s.checkMine(op, kind, what, id, secret, after, failed(said))
	s.checkOthers(kind, what, before, after, said)
	// With the truth back, nothing that was remembered of the lies does harm.
	s.honestly(func(p inProcess) {
		after, _ = s.refresh(p, after)
		after, said = s.apply(p, nil, after)
	})
	if after.state != nil {
		s.count(kind).wrong++
		s.t.Errorf("%s: afterwards the key cannot be destroyed: %s", what, say(said))
	}
	s.checkStrangers(kind, what+", and a destroy without lies")
}

// honest applies a configuration without lies.
func (s *scene) honest(config object, h held, what string) held {
	s.t.Helper()
	var said []*tfprotov6.Diagnostic
	s.honestly(func(p inProcess) { h, said = s.apply(p, config, h) })
	if failed(said) || h.state == nil {
		s.t.Fatalf("%s: before any lie: %s", what, say(said))
	}
	return h
}

// checkMine checks the key of the state: it lives with the secret that consumers use, unless
// the run was asked for something else and has said that it is done.
func (s *scene) checkMine(op operation, kind, what, id, secret string, after held, hasFailed bool) {
	s.t.Helper()
	live := s.live()
	now := s.field(after, "id")
	bad := func(format string, args ...any) {
		s.count(kind).wrong++
		s.t.Errorf("%s: %s", fmt.Sprintf(format, args...), what)
	}
	if s.isStranger(now) || now == s.strangers["elsewhere"].made.ID && s.platform != "mailchannels" {
		bad("the state holds the stranger's key %s", now)
	}
	if id != "" && now != "" && now != id && !op.rotates {
		bad("the state holds key %s instead of %s", now, id)
	}
	if now != "" && live[now] == nil && !op.removes {
		bad("the state holds key %s, which is not there", now)
	}
	if now != "" && live[now] != nil {
		if held := s.field(after, "secret"); held != "" && !s.works(s.client, held, now) {
			bad("the secret in the state is not that of key %s", now)
		}
	}
	if id == "" {
		return
	}
	switch {
	case op.removes && after.state == nil:
		if live[id] != nil {
			bad("key %s is destroyed by its own account, and lives", id)
		}
	case after.state == nil:
		if live[id] != nil {
			bad("the state has dropped key %s, which lives", id)
		}
	case !op.removes && (live[id] == nil || !s.works(s.client, secret, id)):
		bad("key %s or its secret has ended", id)
	case op.rotates && !hasFailed && s.field(after, "secret") == secret:
		bad("nothing was rotated, and nothing said so")
	}
}

// checkOthers checks the keys that are there now and were not before: each is in the state,
// or the run has failed and tells of it.
func (s *scene) checkOthers(kind, what string, before map[string]*api.APIKey, after held, said []*tfprotov6.Diagnostic) {
	s.t.Helper()
	for id := range s.live() {
		if before[id] != nil || s.isStranger(id) || id == s.field(after, "id") || id == s.field(after, "previous_id") {
			continue
		}
		s.count(kind).left++
		if !failed(said) {
			s.count(kind).wrong++
			s.t.Errorf("%s: key %s is in no state, and nothing says so", what, id)
		}
	}
}
