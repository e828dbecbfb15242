package keyring

import (
	"context"
	"fmt"
)

// sweepAtOnce bounds how long one sweep keeps other writers waiting.
const sweepAtOnce = 1000

// SweepSecrets deletes the secrets whose overlap is over, so that only what works is
// there, and returns how many. It goes by the time that is believed: a clock that is
// far ahead destroys nothing.
//
// At its first call, and when such a clock came back, it also deletes the secrets whose
// overlap that clock has given: when they should end is not known.
func (k *Keyring) SweepSecrets(ctx context.Context) (int, error) {
	total := 0
	if k.clock.takeBack() {
		err := k.update(ctx, "", func(w Writer) (err error) {
			w.Mark(TakesPower)
			total, err = w.DeleteSecretsReplacedAfter(ctx, k.Now().Add(clockDiffers))
			return err
		})
		if err != nil {
			k.clock.setBack()
			return 0, fmt.Errorf("deleting secrets that a wrong clock has kept: %w", err)
		}
	}
	for {
		now, there := k.believed(), false
		err := k.view(ctx, func(r Reader) (err error) {
			there, err = r.HasEndedSecrets(ctx, now)
			return err
		})
		if err != nil || !there {
			return total, err
		}
		n := 0
		err = k.update(ctx, "", func(w Writer) (err error) {
			w.Mark(TakesPower)
			n, err = w.DeleteEndedSecrets(ctx, now, sweepAtOnce)
			return err
		})
		if err != nil {
			return total, fmt.Errorf("deleting ended secrets: %w", err)
		}
		total += n
	}
}
