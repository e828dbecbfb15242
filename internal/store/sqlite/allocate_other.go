//go:build !linux

package sqlite

import "os"

// allocate gives the file blocks of its own.
func allocate(f *os.File, from, n int64) error { return writeNoise(f, from, n) }
