package sqlite_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/store/storetest"
)

// smallDisk mounts a disk of that many bytes. Only root may, and some containers keep it
// from root: the same rule is then held by the limit of pages alone.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size+",mode=0700"); err != nil {
		if errors.Is(err, syscall.EPERM) {
			t.Skipf("this user may not mount a disk (%v); TestFaults_RevocationsGoThroughAtTheLimitOfPages holds the rule", err)
		}
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("unmounting: %v", err)
		}
	})
	return dir
}

// fill writes a file until the disk takes not a byte more.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	block := make([]byte, 64<<10)
	for len(block) > 0 {
		if _, err := f.Write(block); errors.Is(err, syscall.ENOSPC) {
			block = block[:len(block)/2]
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// TestFaults_RevocationsGoThroughOnAFullDisk has a real disk that another program has
// filled to the last byte.
func TestFaults_RevocationsGoThroughOnAFullDisk(t *testing.T) {
	t.Parallel()
	storetest.RunFull(t, func(t *testing.T) storetest.Disk {
		dir := smallDisk(t, "24m")
		other := filepath.Join(dir, "another-programs-file")
		return storetest.Disk{
			Open: func(t *testing.T) keyring.Store { return open(t, filepath.Join(dir, "postern.db")) },
			Fill: func() { fill(t, other) },
			Free: func() {
				if err := os.Remove(other); err != nil {
					t.Fatal(err)
				}
			},
		}
	})
}
