package keyring

import (
	"sync"
	"time"
)

// What a bystander can make the server write is bounded. A credential that was disabled
// because it leaked is used by whoever has it, ten thousand times if need be; a
// durable record of each fills the disk, and then the revocation that would end it
// finds no room. So the first denial of a kind leaves its record at once, and what
// repeats is counted here and recorded once a window: how often, from where, since
// when. Every denial is in the trail, most of them in such a sum. What is counted and
// not yet recorded is lost when the process is killed.
//
// The bounds are for each account, so that no account's noise takes another's place.
const (
	// denialWindow is how long the denials of a credential are summed up.
	denialWindow = time.Minute
	// refusalWindow is the same for verifications that were refused.
	refusalWindow = 5 * time.Minute
	// denialsAtOnce is how many kinds of denial of one credential are recorded at once in
	// a window, so that none evades the sum by varying what it tries.
	denialsAtOnce = 5
	// maxDeniedCredentials and maxRefusedSources are how many sums an account has of its
	// own. What is beyond goes into one that names no credential and no address.
	maxDeniedCredentials = 100
	maxRefusedSources    = 50
	// maxSums is how many there are of all accounts, apart from those for what is beyond.
	maxSums = 5000
)

// denials sums up what was denied, by account.
type denials struct {
	mu       sync.Mutex
	accounts map[string]map[sumKey]*sum
	n        int // of all sums but those for what is beyond
}

// sumKey is what one record sums up: the denials of a credential, or the refusals for
// one reason of what a gateway's credential asked about from one address.
type sumKey struct {
	action  string // actionRepeat or actionRefuse
	actor   string // the id of the credential; empty for what is beyond
	address string // of a gateway's caller, with actionRefuse
	code    string // with actionRefuse
}

// beyond is the key for what has no sum of its own.
func (k sumKey) beyond() sumKey { return sumKey{action: k.action, code: k.code} }

func (k sumKey) most() int {
	if k.action == actionRefuse {
		return maxRefusedSources
	}
	return maxDeniedCredentials
}

func (k sumKey) window() time.Duration {
	if k.action == actionRefuse {
		return refusalWindow
	}
	return denialWindow
}

// refused is one denial or refusal.
type refused struct {
	action, code, reason string
	target               string // the id of what it was about; may be empty
	address              string
}

// kind is what makes a denial the first of its kind.
func (r refused) kind() refused {
	r.target = ""
	return r
}

// sum is what was counted for one key in a window.
type sum struct {
	actorKind, subaccount string
	began                 time.Time
	atOnce                int
	known                 map[refused]bool // kinds that have a record; true when seen in this window
	counted
}

// counted is what a record of a sum tells.
type counted struct {
	times        int
	since, until time.Time
	kinds        map[refused]int // without addresses; there are few actions and codes
	addresses    texts
	targets      texts
}

// denied notes a denial of a credential. It reports whether this one is to be recorded
// at once; one that is not is counted.
func (d *denials) denied(account string, key sumKey, who Caller, r refused, now time.Time) (atOnce bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.sum(account, key, who, now)
	seen, recorded := s.known[r.kind()]
	if !recorded && s.atOnce < denialsAtOnce {
		s.atOnce++
		s.known[r.kind()] = true
		return true
	}
	if recorded && !seen {
		s.known[r.kind()] = true
	}
	s.count(r, 1, now, now)
	return false
}

// count notes one that is not recorded at once.
func (d *denials) count(account string, key sumKey, who Caller, r refused, now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sum(account, key, who, now).count(r, 1, now, now)
}

// sum finds the sum of the key, or that for what is beyond. It needs the lock.
func (d *denials) sum(account string, key sumKey, who Caller, now time.Time) *sum {
	if d.accounts == nil {
		d.accounts = map[string]map[sumKey]*sum{}
	}
	of := d.accounts[account]
	if of == nil {
		of = map[sumKey]*sum{}
		d.accounts[account] = of
	}
	if s := of[key]; s != nil {
		return s
	}
	own := 0
	for k := range of {
		if k.action == key.action && k != k.beyond() {
			own++
		}
	}
	if own >= key.most() || d.n >= maxSums {
		key = key.beyond()
		who = Caller{Kind: actorSeveral}
		if s := of[key]; s != nil {
			return s
		}
	} else {
		d.n++
	}
	s := &sum{actorKind: who.Kind, began: now, known: map[refused]bool{}}
	if who.Subaccount != nil {
		s.subaccount = who.Subaccount.ID
	}
	of[key] = s
	return s
}

func (c *counted) count(r refused, times int, since, until time.Time) {
	if c.times == 0 || since.Before(c.since) {
		c.since = since
	}
	if until.After(c.until) {
		c.until = until
	}
	c.times += times
	if c.kinds == nil {
		c.kinds = map[refused]int{}
	}
	c.kinds[refused{action: r.action, code: r.code, reason: r.reason}] += times
	c.addresses.add(r.address, times)
	if r.target != "" {
		c.targets.add(r.target, times)
	}
}

// merge adds what could not be recorded.
func (c *counted) merge(o counted) {
	if c.times == 0 || o.since.Before(c.since) {
		c.since = o.since
	}
	if o.until.After(c.until) {
		c.until = o.until
	}
	c.times += o.times
	if c.kinds == nil {
		c.kinds = map[refused]int{}
	}
	for kind, n := range o.kinds {
		c.kinds[kind] += n
	}
	c.addresses.merge(o.addresses)
	c.targets.merge(o.targets)
}

// maxTexts is how many different texts a tally of texts names.
const maxTexts = 16

// texts counts different texts: the first few by name, the rest together.
type texts struct {
	named  map[string]int
	others int
}

func (t *texts) add(text string, times int) {
	if _, known := t.named[text]; !known && len(t.named) >= maxTexts {
		t.others += times
		return
	}
	if t.named == nil {
		t.named = map[string]int{}
	}
	t.named[text] += times
}

func (t *texts) merge(o texts) {
	for text, n := range o.named {
		t.add(text, n)
	}
	t.others += o.others
}
