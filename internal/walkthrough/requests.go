package main

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
)

// Headers that tell a gateway's caller what is left of its requests.
const (
	headerLimit     = "X-RateLimit-Limit"
	headerRemaining = "X-RateLimit-Remaining"
)

// countRequests shows that each request of the account's keys counts.
func (t *tour) countRequests(ctx context.Context) error {
	var remaining [2]int
	for i := range remaining {
		got, err := t.expect(ctx, http.StatusNoContent, t.platform.granted, t.key.caller())
		if err != nil {
			return err
		}
		if t.platform.hourly == 0 {
			if limit := got.header.Get(headerLimit); limit != "" {
				return fmt.Errorf("the answer says %s: %s, and there is no limit", headerLimit, limit)
			}
			continue
		}
		if limit := got.header.Get(headerLimit); limit != strconv.Itoa(t.platform.hourly) {
			return fmt.Errorf("the answer says %s: %q and not %d", headerLimit, limit, t.platform.hourly)
		}
		if remaining[i], err = strconv.Atoi(got.header.Get(headerRemaining)); err != nil {
			return fmt.Errorf("reading %s: %w", headerRemaining, err)
		}
	}
	if t.platform.hourly == 0 {
		t.narrator.say("left out: they are not limited here, and the answers have no %s", headerLimit)
		return nil
	}
	// With the clock's hour the count begins again.
	if remaining[1] != remaining[0]-1 && remaining[1] != t.platform.hourly-1 {
		return fmt.Errorf("%s goes from %d to %d", headerRemaining, remaining[0], remaining[1])
	}
	t.narrator.say("%d an hour: %s is %d, and %d after one more", t.platform.hourly, headerRemaining, remaining[0], remaining[1])
	return nil
}
