//go:build unix

package provider_test

import (
	"os"
	"runtime"
	"syscall"
	"time"
)

// took is what a process and its own took: of a processor, and of memory at its height.
func took(p *os.ProcessState) (cpu time.Duration, memory int64) {
	if usage, ok := p.SysUsage().(*syscall.Rusage); ok {
		memory = usage.Maxrss
		if runtime.GOOS != "darwin" { // which counts bytes
			memory *= 1024
		}
	}
	return p.UserTime() + p.SystemTime(), memory
}
