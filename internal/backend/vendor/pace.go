package vendor

import (
	"context"
	"crypto/sha256"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// mostPaces bounds the hosts and credentials of one process.
const mostPaces = 64

// paces are those of the process. Terraform runs one process a configuration, whose
// provider blocks may well share an account.
var paces = struct {
	sync.Mutex
	of map[[sha256.Size]byte]*pace
}{of: map[[sha256.Size]byte]*pace{}}

// pace spreads the requests of all callers of one host with one credential.
type pace struct {
	limiter *rate.Limiter

	mu    sync.Mutex
	until map[string]time.Time // by method and route: nothing is sent before
}

func paceOf(host, credential string, perSecond rate.Limit, burst int) *pace {
	key := sha256.Sum256([]byte(host + "\x00" + credential))
	paces.Lock()
	defer paces.Unlock()
	if p, ok := paces.of[key]; ok {
		return p
	}
	if len(paces.of) >= mostPaces {
		for other := range paces.of {
			delete(paces.of, other) // its callers keep it, only later ones do not share it
			break
		}
	}
	p := &pace{limiter: rate.NewLimiter(perSecond, burst), until: map[string]time.Time{}}
	paces.of[key] = p
	return p
}

// hold keeps back what is sent on a route.
func (p *pace) hold(route string, until time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.until[route].Before(until) {
		p.until[route] = until
	}
}

// waitHeld returns when the route is not held back any more, or with the context's error.
func (p *pace) waitHeld(ctx context.Context, route string, now func() time.Time, sleep sleeper) error {
	for {
		p.mu.Lock()
		held := p.until[route].Sub(now())
		p.mu.Unlock()
		if held <= 0 {
			return nil
		}
		if err := sleep(ctx, held); err != nil {
			return err
		}
	}
}

// wait returns when it is the caller's turn, or with the context's error.
func (p *pace) wait(ctx context.Context, route string, now func() time.Time, sleep sleeper) error {
	if err := p.waitHeld(ctx, route, now, sleep); err != nil {
		return err
	}
	at := now()
	turn := p.limiter.ReserveN(at, 1)
	if err := sleep(ctx, turn.DelayFrom(at)); err != nil {
		turn.CancelAt(now())
		return err
	}
	return nil
}
