package plan

import (
	"slices"
	"time"
)

// Rotation is the rotation attribute.
type Rotation struct {
	Period, Overlap, Early Value[time.Duration]
}

// Settled reports whether all of it is known.
func (r Rotation) Settled() bool {
	return !r.Period.IsUnknown() && !r.Overlap.IsUnknown() && !r.Early.IsUnknown()
}

// SettledRotation is the rotation attribute, when there is one and all of it is known.
func SettledRotation(v Value[Rotation]) (Rotation, bool) {
	r, ok := v.Get()
	return r, ok && r.Settled()
}

// latestTime is the last second that RFC 3339 can write.
var latestTime = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)

// Due is when a secret made at that time is to be replaced, at the latest latestTime: a later
// time could be in no state, whatever the service says of when the secret was made.
func (r Rotation) Due(made time.Time) time.Time {
	due := made.Add(r.Period.Zero() - r.Early.Zero())
	if due.After(latestTime) {
		return latestTime
	}
	return due
}

// defaultOverlap is how long the old secret stays good when the configuration does not say:
// long enough for a deployment to pick up the new one.
const defaultOverlap = 24 * time.Hour

// OverlapOf is the overlap of a rotation on a platform that allows at most that much. It is
// unknown while what it hangs on is.
func OverlapOf(rotation Value[Rotation], most time.Duration) Value[time.Duration] {
	switch overlap := rotation.Zero().Overlap; {
	case rotation.IsUnknown() || overlap.IsUnknown():
		return Unknown[time.Duration]()
	case overlap.IsNull():
		return Known(min(defaultOverlap, most))
	default:
		return overlap
	}
}

// SecretSince is from when on the age of a secret counts: when it was made or, where nobody
// tells that, when its key was first seen.
func SecretSince(made Value[Instant], seen *time.Time) *time.Time {
	if at := At(made); at != nil {
		return at
	}
	return seen
}

// RotatesAfter is when the current secret is due for rotation; null without a rotation, and
// while the age of the secret does not count yet.
func RotatesAfter(rotation Value[Rotation], made Value[Instant], seen *time.Time) Value[Instant] {
	r, ok := SettledRotation(rotation)
	since := SecretSince(made, seen)
	if !ok || since == nil {
		return Null[Instant]()
	}
	return InstantOf(r.Due(*since))
}

// whyRotate says why the apply will mint a new secret for a key that exists.
func (r *resolvedAPIKey) whyRotate() Decision {
	if r.Memory.Unclaimed {
		return Decision{Reason: "the answer to a rotation was lost, and is asked for again", Known: true}
	}
	if r.expired() {
		return r.whyRenew()
	}
	if keys, all := changedKeys(r.State.RotateWhenChanged, r.planned.RotateWhenChanged); len(keys) > 0 {
		return Decision{Reason: "rotate_when_changed: " + quoted(keys) + " changed", Known: true, Open: !all}
	} else if !all {
		return Decision{}
	}
	return r.whyDue()
}

// whyDue says whether the age of the secret makes the apply rotate it.
func (r *resolvedAPIKey) whyDue() Decision {
	no := Decision{Known: true}
	since := SecretSince(r.State.SecretCreatedAt, r.Memory.SeenSince)
	rotation := r.planned.Rotation.Zero()
	switch {
	case r.Memory.DueSince == nil || since == nil || r.planned.Rotation.IsNull():
		return no
	case r.planned.Rotation.IsUnknown() || rotation.Period.IsUnknown() || rotation.Early.IsUnknown():
		return Decision{}
	}
	if due := rotation.Due(*since); !due.After(*r.Memory.DueSince) {
		return Decision{Reason: "due since " + due.Format(time.RFC3339), Known: true}
	}
	return no // due under the old setting, not under the planned one
}

// whyRenew says whether the apply brings an expired key back, which takes a new secret: the
// expired one never works again.
func (r *resolvedAPIKey) whyRenew() Decision {
	was := r.State.ExpiresAt
	switch {
	case r.planned.ExpiresAt.IsUnknown():
		return Decision{}
	case r.planned.ExpiresAt == was:
		return Decision{Known: true}
	}
	return Decision{Reason: "expired at " + string(was.Zero()), Known: true}
}

// changedKeys returns the keys of rotate_when_changed whose values change, and whether those
// are all. Setting it for the first time, and removing it, is no change.
func changedKeys(before, after Map) (changed []string, all bool) {
	if before.Len() == 0 {
		return nil, true
	}
	if after.IsUnknown() {
		return nil, false
	}
	if after.Len() == 0 {
		return nil, true
	}
	all = true
	for name, value := range after.values {
		if value.IsUnknown() {
			all = false
		} else if was, ok := before.values[name]; !ok || was != value {
			changed = append(changed, name)
		}
	}
	for name := range before.values {
		if _, ok := after.values[name]; !ok {
			changed = append(changed, name)
		}
	}
	slices.Sort(changed)
	return changed, all
}
