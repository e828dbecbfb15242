package claims

import (
	"testing"
	"time"
)

func TestJudge(t *testing.T) {
	t.Parallel()
	waits := view{quiet: true, since: still, alone: true, full: true, planning: true, isNew: true}
	with := func(change func(*view)) view {
		v := waits
		change(&v)
		return v
	}
	for name, c := range map[string]struct {
		view  view
		want  Verdict
		again time.Duration
	}{
		"the holder leaves":                    {view{holder: leaves}, GivesWay, 0},
		"the holder keeps it":                  {view{holder: keeps}, Keeps, 0},
		"and an apply does not help":           {view{holder: keeps, applying: true}, Keeps, 0},
		"the holder was refreshed":             {view{holder: met}, GivesWay, 0},
		"an apply":                             {view{applying: true}, GivesWay, 0},
		"others are being served":              {view{since: time.Hour}, undecided, still},
		"nothing since now":                    {with(func(v *view) { v.since = 0 }), undecided, calm},
		"nothing for a while":                  {with(func(v *view) { v.since = calm }), undecided, still - calm},
		"nothing for long":                     {waits, UnseenSo, 0},
		"nothing for long, and a slot is free": {with(func(v *view) { v.full = false }), Unseen, 0},
		"a new one without a refresh":          {with(func(v *view) { v.planning = false }), UnseenSo, 0},
		"one that exists, refreshed":           {with(func(v *view) { v.isNew = false }), UnseenSo, 0},
		"one that exists, not refreshed":       {with(func(v *view) { v.isNew, v.planning, v.since = false, false, calm }), Unsure, 0},
		"all wait, its turn":                   {with(func(v *view) { v.alone, v.turn, v.since = false, true, calm }), Unsure, 0},
		"all wait, not its turn":               {with(func(v *view) { v.alone, v.since = false, calm }), undecided, still - calm},
		"several wait, a slot is free":         {with(func(v *view) { v.alone, v.turn, v.full = false, true, false }), Unseen, 0},
	} {
		if got, again := judge(c.view); got != c.want || again != c.again {
			t.Errorf("%s: %d, again after %s; want %d, %s", name, got, again, c.want, c.again)
		}
	}
}
