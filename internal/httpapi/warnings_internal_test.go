package httpapi

import (
	"strconv"
	"testing"
	"time"
)

// However many addresses a flood comes from, the log stays readable.
func TestWarnings_AreBounded(t *testing.T) {
	t.Parallel()
	var w warnings
	now := time.Now()
	said := 0
	for i := range 10_000 {
		if w.due("kind", strconv.Itoa(i%1000), now.Add(time.Duration(i)*time.Microsecond)) {
			said++
		}
	}
	if said != mostWarns || len(w.said) > mostWarns {
		t.Errorf("%d warnings in a minute, %d remembered", said, len(w.said))
	}
	if !w.due("kind", "0", now.Add(warnEvery)) || w.due("kind", "0", now.Add(warnEvery)) {
		t.Error("the next minute says it again, and once")
	}
}
