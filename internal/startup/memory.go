package startup

import (
	"os"
	"runtime/debug"
)

// The provider runs for seconds and holds little. With Go's default, a percentage of 100, a
// fifth of its processor time goes into collecting garbage. Near the limit more is collected
// again, so that a large plan does not take the memory that the percentage alone would allow.
const (
	garbagePercent = 400
	memoryLimit    = 256 << 20
)

// CollectLess makes the process collect garbage less often, within a bound of memory. What is
// set by GOGC or GOMEMLIMIT holds instead.
func CollectLess() {
	percent, limit := collector(os.Getenv)
	if percent {
		debug.SetGCPercent(garbagePercent)
	}
	if limit {
		debug.SetMemoryLimit(memoryLimit)
	}
}

// collector reports what is to be set. Who sets GOGC has decided about both.
func collector(getenv func(string) string) (percent, limit bool) {
	percent = getenv("GOGC") == ""
	return percent, percent && getenv("GOMEMLIMIT") == ""
}
