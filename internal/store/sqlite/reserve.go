package sqlite

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

const (
	// reserveSize is the space that is kept back, in bytes. A revocation takes some
	// 50 KiB while the log grows and nothing once the log is reused.
	reserveSize = 8 << 20
	// reserveStep is given up at a time. What is left stays out of reach of every
	// other program that fills the same disk.
	reserveStep = 1 << 20
	// replacingFloor is what keyring.ReplacesPower leaves of the reserve.
	replacingFloor = reserveSize / 2
	// ordinaryMargin must be free beside the whole reserve for an ordinary write.
	ordinaryMargin = 1 << 20
	// nearlyFullBelow is when the storage is said to be nearly full, while all
	// writes still go through.
	nearlyFullBelow = 32 << 20
	// lookEvery bounds how often the disk is asked for its free space.
	lookEvery = 2 * time.Second
	// metHolds is how long a write that found no room shows that there is none, unless
	// another one succeeds. Counts of use are written more often than that.
	metHolds = 6 * time.Second
)

// reserve is space that is kept back for writes that take power away: a file beside
// the database whose blocks are really allocated. It is made shorter, a step at a
// time, when such a write finds the disk full. While it is shorter than it should be,
// ordinary writes are refused. Its size is all of its state, so several processes
// on one folder agree.
type reserve struct {
	path string

	mu     sync.Mutex
	looked time.Time // when the disk was last asked
	free   uint64    // what it said, in bytes
	known  bool      // whether it can say that at all
	met    time.Time // when a write last found no room: a used-up quota is no full disk

	// A limit of pages, set by Store.LimitPages, stands in for the disk.
	pages int // 0 for none
	given int // of the reserve, in pages
}

func newReserve(database string) *reserve { return &reserve{path: database + "-reserve"} }

// limit sets the limit of pages that stands in for the disk, with a whole reserve
// behind it; 0 for none.
func (r *reserve) limit(pages int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pages, r.given, r.met = max(pages, 0), 0, time.Time{}
}

// note remembers whether an ordinary write found room.
func (r *reserve) note(found bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.met = time.Time{}
	if !found {
		r.met = time.Now()
	}
}

// pageLimit is how many pages the database may have now; 0 for no limit.
func (r *reserve) pageLimit() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.pages == 0 {
		return 0
	}
	return r.pages + r.given
}

// checkOrdinary refuses an ordinary write with keyring.ErrFull when the space is
// left to those that take power away. It makes the reserve when there is none, and
// makes it whole again when the disk has room.
func (r *reserve) checkOrdinary() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.pages > 0 {
		if r.given > 0 {
			return errKeptBack
		}
		return nil
	}
	whole, err := r.isWhole()
	if err != nil {
		return err
	}
	looked := r.look()
	if !whole && (looked || r.size() < 0) {
		if whole, err = r.refill(); err != nil {
			return err
		}
	}
	if !whole || r.known && r.free < ordinaryMargin {
		return errKeptBack
	}
	return nil
}

var errKeptBack = fmt.Errorf("%w: what is left is kept back for writes that take power away, such as revocations; free space on the disk of the database", keyring.ErrFull)

// space is what the operator is told.
func (r *reserve) space() (keyring.Space, error) {
	if err := r.checkOrdinary(); errors.Is(err, keyring.ErrFull) {
		return keyring.SpaceFull, nil
	} else if err != nil {
		return keyring.SpaceFull, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.met.IsZero() && time.Since(r.met) < metHolds {
		return keyring.SpaceFull, nil
	}
	if r.pages == 0 && r.known && r.free < nearlyFullBelow {
		return keyring.SpaceNearlyFull, nil
	}
	return keyring.SpaceEnough, nil
}

// look asks the disk for its free space when it was not asked lately, and reports
// whether it did. It needs the lock.
func (r *reserve) look() bool {
	if !r.looked.IsZero() && time.Since(r.looked) < lookEvery {
		return false
	}
	r.looked = time.Now()
	r.free, r.known = freeSpace(filepath.Dir(r.path))
	return true
}

// size is the reserve's size in bytes, and -1 when there is none.
func (r *reserve) size() int64 {
	info, err := os.Stat(r.path)
	if err != nil {
		return -1
	}
	return info.Size()
}

func (r *reserve) isWhole() (bool, error) {
	info, err := os.Stat(r.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("%w: looking at the space kept back: %w", keyring.ErrUnavailable, err)
	}
	return info.Size() >= reserveSize, nil
}

// refill makes the reserve whole when the disk has room for that, and reports whether
// it is. It needs the lock.
func (r *reserve) refill() (bool, error) {
	have := max(r.size(), 0)
	missing := reserveSize - have
	if missing <= 0 {
		return true, nil
	}
	// Twice the margin, so that the storage does not go back and forth.
	if r.known && r.free < uint64(missing)+2*ordinaryMargin {
		return false, nil
	}
	err := extendFile(r.path, have, missing)
	switch {
	case err == nil:
		r.free -= min(r.free, uint64(missing))
		return true, nil
	case isNoSpace(err):
		return false, nil
	}
	return false, fmt.Errorf("%w: keeping space back: %w", keyring.ErrUnavailable, err)
}

// extendFile allocates the file's next bytes, all of them or none.
func extendFile(path string, have, missing int64) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, fileMode) //nolint:gosec // beside the operator's own database
	if err != nil {
		return fmt.Errorf("%w; let this program's user write to it, or remove it", err)
	}
	// A command that runs as root makes it for the server, whose user is another one.
	giveToOwnerOf(f, filepath.Dir(path))
	err = allocate(f, have, missing)
	if err != nil {
		err = errors.Join(err, f.Truncate(have))
	}
	return errors.Join(err, f.Close())
}

// writeNoise allocates by writing what no file system can compress or leave out.
func writeNoise(f *os.File, from, n int64) error {
	noise := make([]byte, 64<<10)
	for n > 0 {
		part := noise[:min(n, int64(len(noise)))]
		rand.Read(part) // never fails: the runtime stops the program instead
		if _, err := f.WriteAt(part, from); err != nil {
			return err
		}
		from, n = from+int64(len(part)), n-int64(len(part))
	}
	return nil
}

// giveUp gives up one step of what the urgency may take, and reports whether there
// was any left.
func (r *reserve) giveUp(u keyring.Urgency) (bool, error) {
	floor := int64(0)
	switch u {
	case keyring.Ordinary:
		return false, nil
	case keyring.ReplacesPower:
		floor = replacingFloor
	case keyring.TakesPower:
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.pages > 0 {
		if left := reserveSize - int64(r.given)*pageSize; left <= floor {
			return false, nil
		}
		r.given += reserveStep / pageSize
		return true, nil
	}
	have := r.size()
	if have <= floor {
		return false, nil
	}
	// The disk is asked anew only after a while: the write that this space is for
	// comes first.
	r.looked = time.Now()
	if err := os.Truncate(r.path, max(have-reserveStep, floor)); err != nil {
		return false, fmt.Errorf("%w: giving up space kept back: %w", keyring.ErrUnavailable, err)
	}
	return true, nil
}

// pageSize is SQLite's own default, in bytes.
const pageSize = 4096

// isDiskFull reports whether the folder takes no more bytes, by trying: SQLite tells a
// used-up quota and a full disk under its shared memory from other failures only by
// what the system says, and keeps that to itself.
func (r *reserve) isDiskFull() bool {
	f, err := os.CreateTemp(filepath.Dir(r.path), tempPattern)
	if err != nil {
		return isNoSpace(err)
	}
	err = writeNoise(f, 0, 64<<10)
	if err == nil {
		err = f.Sync() // some file systems notice no earlier
	}
	_, _ = f.Close(), os.Remove(f.Name())
	return isNoSpace(err)
}

// tempPattern names files that are there for a moment. A start removes those that a
// kill has left.
const tempPattern = ".postern-new-*"
