package keyring

import (
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// How far the machine's clock may go from what is known before it is doubted.
const (
	// maxBehind is how far it may be behind the recorded time at a start.
	maxBehind = 24 * time.Hour
	// maxAheadAtStart is how far it may be ahead of the recorded time at a start: a
	// server may have been off for so long.
	maxAheadAtStart = 30 * 24 * time.Hour
	// maxStep is how far it may step ahead of the monotonic clock while running.
	maxStep = time.Hour
	// doubtFor is how long a clock that went too far ahead is doubted.
	doubtFor = 24 * time.Hour
	// shownStep is the least step that is logged: smaller ones are how clocks are kept
	// right.
	shownStep = time.Second
)

// clock is the time that decides what has ended. It never runs backwards: it is the
// machine's clock, or the newest time that was known, which goes on by the monotonic
// clock, whichever is later. So a clock that is set back brings nothing to life.
//
// A clock that goes far ahead ends things too, as that is the safe side, but it is not
// believed at once: it is not recorded, and nothing is destroyed by age. When it comes
// back within doubtFor, time goes on from what was believed.
type clock struct {
	wall    func() time.Time
	elapsed func() time.Duration // the monotonic clock
	log     *slog.Logger

	mu     sync.Mutex
	known  time.Time     // the newest time that is believed
	at     time.Duration // what elapsed showed then
	behind time.Duration // how far the machine's clock was behind when that was logged
	ahead  time.Duration // how far it is ahead of what is believed; 0 when it is believed
	since  time.Duration // what elapsed showed when it went ahead
	kept   time.Time     // the newest time that is recorded
	back   bool          // it came back from far ahead, or may have before this start
}

// newClock goes on from the recorded time; the zero time when none is recorded.
func newClock(c Config, recorded time.Time) (*clock, error) {
	k := &clock{wall: c.Now, elapsed: c.elapsed(), log: c.Log, kept: recorded, back: true}
	if k.log == nil {
		k.log = slog.New(slog.DiscardHandler)
	}
	wall := plain(k.wall())
	k.known, k.at = wall, k.elapsed()
	if recorded.IsZero() {
		return k, nil
	}
	if behind := recorded.Sub(wall); behind > 0 {
		k.known = recorded
		if behind > maxBehind {
			return nil, fmt.Errorf("this machine's clock shows %s, which is %s behind %s, the newest time that the data folder has seen: what has ended since must not work again; "+
				"set the clock right, or, if the recorded time was wrong, run: postern reset-clock", shown(wall), rounded(behind), shown(recorded))
		}
	}
	if ahead := wall.Sub(recorded); ahead > maxAheadAtStart {
		k.known, k.ahead, k.since = recorded, ahead, k.at
		k.warnAhead(ahead)
	}
	return k, nil
}

// elapsed is the monotonic clock. Where Now is set and it is not, all the time that Now
// shows, as far as it goes forward, is time that passes.
func (c Config) elapsed() func() time.Duration {
	if c.Elapsed != nil {
		return c.Elapsed
	}
	start := c.Now()
	var mu sync.Mutex
	var most time.Duration
	return func() time.Duration {
		mu.Lock()
		defer mu.Unlock()
		most = max(most, plain(c.Now()).Sub(plain(start)))
		return most
	}
}

// plain is the time without the monotonic reading that time.Now adds, by which Go would
// compare two times and never see a step.
func plain(t time.Time) time.Time { return t.UTC().Round(0) }

func shown(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func rounded(d time.Duration) string { return d.Round(time.Second).String() }

// read returns what the time is, and what of it is believed: the same, unless the
// machine's clock is doubted.
func (c *clock) read() (now, believed time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	elapsed, wall := c.elapsed(), plain(c.wall())
	believed = c.known.Add(elapsed - c.at)
	gap := wall.Sub(believed)
	if gap > maxStep || c.ahead > 0 && gap > 0 && (c.ahead-gap).Abs() <= maxStep {
		return c.doubt(believed, gap, elapsed)
	}
	if c.ahead > 0 {
		c.log.Warn("this machine's clock is back; time goes on from what was believed", "clock", shown(wall), "was_ahead", rounded(c.ahead))
		c.ahead, c.back = 0, true
	}
	if gap >= 0 {
		c.known, c.at, c.behind = wall, elapsed, 0
		return wall, wall
	}
	if -gap >= shownStep && (-gap-c.behind).Abs() >= shownStep {
		c.log.Warn("this machine's clock is behind; time goes on from the newest that was known", "clock", shown(wall), "time", shown(believed), "behind", rounded(-gap))
		c.behind = -gap
	}
	return believed, believed
}

// doubt reads a clock that is too far ahead. It needs the lock.
func (c *clock) doubt(believed time.Time, gap, elapsed time.Duration) (now, stillBelieved time.Time) {
	if c.ahead == 0 || (c.ahead-gap).Abs() > maxStep {
		c.ahead, c.since = gap, elapsed
		c.warnAhead(gap)
	}
	c.ahead = max(c.ahead, gap)
	now = believed.Add(c.ahead)
	if elapsed-c.since < doubtFor {
		return now, believed
	}
	c.log.Info("this machine's clock is believed now", "clock", shown(now), "was_ahead", rounded(c.ahead))
	c.known, c.at, c.ahead, c.behind = now, elapsed, 0, 0
	return now, now
}

func (c *clock) warnAhead(by time.Duration) {
	c.log.Warn("this machine's clock is far ahead; nothing is deleted by age until the server has run for a day. If it is wrong, set it right before then",
		"clock", shown(plain(c.wall())), "ahead", rounded(by), "doubted_for", doubtFor.String())
}

// doubted reports whether the time is not believed, so that nothing may be destroyed by
// its age.
func (c *clock) doubted() bool {
	c.read()
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ahead > 0
}

// takeBack reports whether the machine's clock is believed and may have come back from
// far ahead since the last call.
func (c *clock) takeBack() bool {
	c.read()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ahead > 0 || !c.back {
		return false
	}
	c.back = false
	return true
}

// setBack undoes takeBack.
func (c *clock) setBack() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.back = true
}

// unrecorded returns the believed time, and how far the recorded one is behind it.
func (c *clock) unrecorded() (believed time.Time, by time.Duration) {
	_, believed = c.read()
	c.mu.Lock()
	defer c.mu.Unlock()
	return believed, believed.Sub(c.kept)
}

// record notes what is recorded now. Another process may have recorded a later time,
// which is known then.
func (c *clock) record(recorded time.Time) {
	_, believed := c.read()
	c.mu.Lock()
	defer c.mu.Unlock()
	if recorded.After(c.kept) {
		c.kept = recorded
	}
	if recorded.After(believed) {
		c.known, c.at = recorded, c.elapsed()
	}
}
