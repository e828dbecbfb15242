//go:build !unix

package provider_test

import (
	"os"
	"time"
)

func took(p *os.ProcessState) (cpu time.Duration, memory int64) {
	return p.UserTime() + p.SystemTime(), 0
}
