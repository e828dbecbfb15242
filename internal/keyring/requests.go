package keyring

import (
	"context"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/platform"
)

// The limits on an account's requests are quotas of a clock hour and of a calendar
// month, as the vendors publish them, and not a smoothed rate; so this counts what
// was let in and keeps no bucket. What one node let in is seen by the others once it
// is flushed: several nodes may together let in a little more.

// window is how many requests of an account were let in.
type window struct {
	hour    time.Time
	inHour  int64 // written or not
	month   time.Time
	inMonth int64
	unsaved map[time.Time]int64 // by hour
	stale   bool                // to be read from the store again, where other nodes write too
}

func monthOf(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
}

// roll begins the hour and the month anew when their time has come.
func (w *window) roll(now time.Time) {
	if hour := now.Truncate(time.Hour); !hour.Equal(w.hour) {
		w.hour, w.inHour = hour, 0
	}
	if month := monthOf(now); !month.Equal(w.month) {
		w.month, w.inMonth = month, 0
	}
}

// RequestCount is how much of a limit is used.
type RequestCount struct {
	Used    int64
	Limit   int64
	ResetAt time.Time
}

// Requests is what an account has used of its limits; nil for no limit.
type Requests struct {
	Hour  *RequestCount
	Month *RequestCount
}

func requestLimits(p *platform.Platform, a Account) (hour, month *int) {
	return p.Requests.PerHour, p.Plans[a.Plan].MonthlyRequests
}

// loadRequests makes sure that the meter knows what the account has used so far, in
// earlier runs and on other nodes.
func (k *Keyring) loadRequests(ctx context.Context, r Reader, p *platform.Platform, a Account) error {
	if hour, month := requestLimits(p, a); hour == nil && month == nil {
		return nil
	}
	m := &k.meter
	m.mu.Lock()
	known := m.requests[a.ID]
	fresh := known != nil && !known.stale
	m.mu.Unlock()
	if fresh {
		return nil
	}
	now := k.Now()
	inHour, err := r.Requests(ctx, a.ID, now.Truncate(time.Hour))
	if err != nil {
		return err
	}
	inMonth, err := r.Requests(ctx, a.ID, monthOf(now))
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	w := m.requests[a.ID]
	if w == nil {
		w = &window{unsaved: map[time.Time]int64{}}
		if m.requests == nil {
			m.requests = map[string]*window{}
		}
		m.requests[a.ID] = w
	}
	w.roll(now)
	// What was let in meanwhile is in unsaved. What a flush is writing at this moment, or
	// has written since r began, is in neither; but a count never goes down within its
	// time, so what this process knows already is the least that it can be.
	var unsavedMonth int64
	for hour, n := range w.unsaved {
		if !hour.Before(w.month) {
			unsavedMonth += n
		}
	}
	w.inHour, w.inMonth = max(w.inHour, inHour+w.unsaved[w.hour]), max(w.inMonth, inMonth+unsavedMonth)
	w.stale = false
	return nil
}

// take counts one request of the account, or says which limit refuses it:
// api.VerifyRateLimited or VerifyQuotaExceeded. A refused one is not counted.
func (k *Keyring) take(p *platform.Platform, a Account, now time.Time) (code string, left Requests) {
	hour, month := requestLimits(p, a)
	if hour == nil && month == nil {
		return "", Requests{}
	}
	m := &k.meter
	m.mu.Lock()
	defer m.mu.Unlock()
	w := m.requests[a.ID]
	if w == nil { // never so after loadRequests
		return api.VerifyRateLimited, Requests{}
	}
	w.roll(now)
	switch {
	case month != nil && w.inMonth >= int64(*month):
		code = api.VerifyQuotaExceeded
	case hour != nil && w.inHour >= int64(*hour):
		code = api.VerifyRateLimited
	default:
		w.inHour++
		w.inMonth++
		w.unsaved[w.hour]++
	}
	return code, w.left(hour, month)
}

func (w *window) left(hour, month *int) Requests {
	var left Requests
	if hour != nil {
		left.Hour = &RequestCount{Used: w.inHour, Limit: int64(*hour), ResetAt: w.hour.Add(time.Hour)}
	}
	if month != nil {
		left.Month = &RequestCount{Used: w.inMonth, Limit: int64(*month), ResetAt: w.month.AddDate(0, 1, 0)}
	}
	return left
}

// requestsOf returns what the account has used of its limits, without counting.
func (k *Keyring) requestsOf(p *platform.Platform, a Account) Requests {
	hour, month := requestLimits(p, a)
	k.meter.mu.Lock()
	defer k.meter.mu.Unlock()
	w := k.meter.requests[a.ID]
	if w == nil {
		return Requests{}
	}
	w.roll(k.Now())
	return w.left(hour, month)
}

// takeRequests returns the requests that are not written yet, by account and hour. It
// needs the lock.
func (m *meter) takeRequests() map[string]map[time.Time]int64 {
	taken := map[string]map[time.Time]int64{}
	for account, w := range m.requests {
		if len(w.unsaved) > 0 {
			taken[account], w.unsaved = w.unsaved, map[time.Time]int64{}
		}
	}
	return taken
}

// returnRequests needs the lock.
func (m *meter) returnRequests(account string, unsaved map[time.Time]int64) {
	w := m.requests[account]
	if w == nil {
		return
	}
	for hour, n := range unsaved {
		w.unsaved[hour] += n
	}
}

// written notes that a Flush is done: what other nodes have written by now is to be
// read, whether this one had anything to write or not.
func (m *meter) written() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, w := range m.requests {
		w.stale = true
	}
}
