package keyring

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

const (
	// actionRepeat is the action of a record that sums up denials of one credential.
	actionRepeat = "denial.repeat"
	// actionRefuse is that of one that sums up verifications that were refused.
	actionRefuse = "verify.refuse"
	// actorSeveral is who did what a record sums up that names no credential.
	actorSeveral = "several"
)

// summed is what is to be recorded of one sum.
type summed struct {
	key                   sumKey
	actorKind, subaccount string
	counted
}

// take returns what is to be recorded, by account, and begins it anew: what is over, or
// all of it. A sum that nothing was added to in its window is forgotten.
func (d *denials) take(now time.Time, all bool) map[string][]summed {
	d.mu.Lock()
	defer d.mu.Unlock()
	taken := map[string][]summed{}
	for account, of := range d.accounts {
		for key, s := range of {
			age := now.Sub(s.began)
			if !all && age >= 0 && age < key.window() { // an age below 0 is that of a clock set back
				continue
			}
			if s.times == 0 {
				delete(of, key)
				if key != key.beyond() {
					d.n--
				}
				continue
			}
			taken[account] = append(taken[account], summed{key, s.actorKind, s.subaccount, s.counted})
			s.counted, s.began, s.atOnce = counted{}, now, 0
			maps.DeleteFunc(s.known, func(_ refused, seen bool) bool { return !seen })
			for kind := range s.known {
				s.known[kind] = false
			}
		}
		if len(of) == 0 {
			delete(d.accounts, account)
		}
	}
	return taken
}

// putBack counts again what could not be recorded.
func (d *denials) putBack(account string, sums []summed, now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range sums {
		who := Caller{Kind: s.actorKind}
		if s.subaccount != "" {
			who.Subaccount = &Subaccount{ID: s.subaccount}
		}
		d.sum(account, s.key, who, now).merge(s.counted)
	}
}

// flushAtOnce bounds how long one transaction of a flush keeps other writers waiting.
const flushAtOnce = 50

// FlushDenials records the sums of denials and of refused verifications whose window is
// over, or all of them, as at a stop, and logs which addresses sent credentials that
// nobody has. What the store does not take stays for the next time.
func (k *Keyring) FlushDenials(ctx context.Context, all bool) error {
	now := k.Now()
	k.strangers.log(k.log, now, all)
	taken := k.denials.take(now, all)
	var failed error
	for _, account := range slices.Sorted(maps.Keys(taken)) {
		slices.SortFunc(taken[account], func(a, b summed) int { return a.since.Compare(b.since) })
		for sums := range slices.Chunk(taken[account], flushAtOnce) {
			err := k.update(ctx, account, func(w Writer) error {
				for _, s := range sums {
					if err := k.record(ctx, w, s.caller(account), s.event()); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				k.denials.putBack(account, sums, now)
				failed = fmt.Errorf("recording denials of account %s: %w", account, err)
			}
		}
	}
	return failed
}

// caller is whom the record is about.
func (s summed) caller(account string) Caller {
	who := Caller{Account: Account{ID: account}, Kind: s.actorKind, ID: s.key.actor}
	who.origin.Address = s.key.address
	if len(s.addresses.named) == 1 && s.addresses.others == 0 {
		for address := range s.addresses.named {
			who.origin.Address = address
		}
	}
	return who
}

func (s summed) event() event {
	detail := map[string]any{"times": s.times, "since": s.since.Truncate(time.Microsecond), "until": s.until.Truncate(time.Microsecond)}
	if s.key.action == actionRepeat {
		detail["attempts"] = s.attempts()
	}
	s.addresses.show(detail, "addresses", "other_addresses")
	s.targets.show(detail, "targets", "other_targets")
	target := ""
	if len(s.targets.named) == 1 && s.targets.others == 0 && s.key.action == actionRefuse {
		for target = range s.targets.named {
		}
	}
	return event{Action: s.key.action, Target: target, Subaccount: s.subaccount, Detail: detail, denial: &Error{Code: api.Code(s.code())}}
}

// attempts are the kinds in the order of how often they were denied.
func (s summed) attempts() []map[string]any {
	kinds := slices.SortedFunc(maps.Keys(s.kinds), func(a, b refused) int {
		if n := s.kinds[b] - s.kinds[a]; n != 0 {
			return n
		}
		return strings.Compare(a.action+" "+a.code+" "+a.reason, b.action+" "+b.code+" "+b.reason)
	})
	var out []map[string]any
	for _, kind := range kinds {
		one := map[string]any{"action": kind.action, "code": kind.code, "times": s.kinds[kind]}
		if kind.reason != "" {
			one["reason"] = kind.reason
		}
		out = append(out, one)
	}
	return out
}

// code is the reason of most of them.
func (s summed) code() string {
	if s.key.code != "" {
		return s.key.code
	}
	byCode := map[string]int{}
	for kind, n := range s.kinds {
		byCode[kind.code] += n
	}
	codes := slices.Sorted(maps.Keys(byCode))
	return slices.MaxFunc(codes, func(a, b string) int { return byCode[a] - byCode[b] })
}

// show puts the counts into a record's detail.
func (t texts) show(detail map[string]any, named, others string) {
	if len(t.named) > 0 {
		detail[named] = t.named
	}
	if t.others > 0 {
		detail[others] = t.others
	}
}
