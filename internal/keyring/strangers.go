package keyring

import (
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"
)

// strangers counts, by address, the credentials that nobody has. They belong to no
// account, so no trail can hold them: the log does, a bounded number of lines a
// window.
type strangers struct {
	mu    sync.Mutex
	began time.Time
	from  map[string]*stranger
	rest  stranger // from addresses beyond maxStrangers
}

type stranger struct {
	times int
	since time.Time
}

const (
	maxStrangers   = 1000 // addresses that are remembered in a window
	shownStrangers = 20   // addresses that get a line of their own
)

func (s *stranger) add(now time.Time) {
	if s.times == 0 {
		s.since = now
	}
	s.times++
}

// note counts one credential. An IPv6 address counts by its /64, as in sourceOf.
func (s *strangers) note(address string, now time.Time) {
	address = network(address)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.from == nil {
		s.from, s.began = map[string]*stranger{}, now
	}
	one := s.from[address]
	switch {
	case one != nil:
	case len(s.from) >= maxStrangers:
		one = &s.rest
	default:
		one = &stranger{}
		s.from[address] = one
	}
	one.add(now)
}

// network is the address as sourceOf counts it: an IPv4 address, or the /64 of an IPv6
// one. What is no IP address, such as that of a Unix socket, stays as it is.
func network(address string) string {
	from, ok := sourceOf("", address)
	switch {
	case !ok:
		return address
	case from.prefix.Addr().Is4():
		return from.prefix.Addr().String()
	}
	return from.prefix.String()
}

// log writes the lines of a window that is over, or of all that there is.
func (s *strangers) log(to *slog.Logger, now time.Time, all bool) {
	s.mu.Lock()
	age := now.Sub(s.began)
	if s.from == nil || !all && age >= 0 && age < denialWindow {
		s.mu.Unlock()
		return
	}
	from, rest := s.from, s.rest
	s.from, s.rest = nil, stranger{}
	s.mu.Unlock()
	const message = "credentials refused that nobody has"
	addresses := slices.SortedFunc(maps.Keys(from), func(a, b string) int { return from[b].times - from[a].times })
	others := 0
	for i, address := range addresses {
		one := from[address]
		if i < shownStrangers {
			to.Warn(message, "address", address, "times", one.times, "since", one.since.Format(time.RFC3339))
			continue
		}
		others++
		rest.times += one.times
		if rest.since.IsZero() || one.since.Before(rest.since) {
			rest.since = one.since
		}
	}
	if rest.times > 0 {
		to.Warn(message, "address", "others", "times", rest.times, "since", rest.since.Format(time.RFC3339), "addresses", others)
	}
}
