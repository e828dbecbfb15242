package sqlite

import (
	"context"
	"errors"
	"strings"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// pageReach is how many entries of an index a list looks at for one page, some
// milliseconds of work. A page that has fewer records by then ends there, and the next
// one goes on behind.
const pageReach = 5000

// clause collects the conditions of a list. Each filter is a fixed text with its
// values apart, so there are few different statements, and no value is ever
// part of one.
type clause struct {
	conditions []string
	args       []any
}

func (c *clause) add(condition string, args ...any) {
	c.conditions = append(c.conditions, condition)
	c.args = append(c.args, args...)
}

// addPrefix selects texts that begin with the bytes of prefix, as a range that an index
// answers. LIKE and substr cannot: both compare characters, the first of any case.
func (c *clause) addPrefix(column, prefix string) {
	c.add(column+" >= ?", prefix)
	end := []byte(prefix)
	for len(end) > 0 && end[len(end)-1] == 0xff {
		end = end[:len(end)-1]
	}
	if len(end) > 0 {
		end[len(end)-1]++
		c.add(column+" < ?", string(end))
	}
}

func (c clause) with(other clause) clause {
	return clause{append(append([]string{}, c.conditions...), other.conditions...), append(append([]any{}, c.args...), other.args...)}
}

func (c clause) where() string { return " WHERE " + strings.Join(c.conditions, " AND ") }

// way is an index that a list can go along.
type way struct {
	from     string // the table, with the index
	on       clause // selects the entries
	rest     clause // the filters that the entries do not answer
	unsorted bool   // the entries are not in the order of making
}

// stretch is the part of a way that one page looks at: all of it, or up to the entry of
// that number.
type stretch struct {
	way
	last int64 // 0 for all
}

// choose returns the way with the fewest entries. Counting them stops at the reach of a
// page, and at the fewest so far, so of several long ways it is the first. At least one is
// sorted.
func (r *reader) choose(ctx context.Context, ways ...way) (stretch, error) {
	best, fewest := way{}, r.reach+1
	for _, w := range ways {
		if len(ways) == 1 && len(w.rest.conditions) == 0 {
			return stretch{way: w}, nil
		}
		n := 0
		query := `SELECT count(*) FROM (SELECT 1 FROM ` + w.from + w.on.where() + ` LIMIT ?)`
		if err := r.one(ctx, query, append(append([]any{}, w.on.args...), min(fewest, r.reach))...)(&n); err != nil {
			return stretch{}, err
		}
		if n < fewest && (!w.unsorted || n < r.reach) {
			best, fewest = w, n
		}
	}
	s := stretch{way: best}
	if fewest < r.reach || len(best.rest.conditions) == 0 {
		return s, nil
	}
	// The entry behind the reach shows that there are more.
	query := `SELECT seq FROM ` + best.from + best.on.where() + ` ORDER BY seq LIMIT 1 OFFSET ?`
	err := r.one(ctx, query, append(append([]any{}, best.on.args...), r.reach)...)(&s.last)
	if errors.Is(err, keyring.ErrNotFound) {
		return s, nil
	}
	s.last--
	return s, err
}

// conditions are all that the stretch selects by.
func (s *stretch) conditions() clause {
	c := s.on.with(s.rest)
	if s.last > 0 {
		c.add("seq <= ?", s.last)
	}
	return c
}

// cut cuts what was found to the limit. One more than that shows that there is a next
// page, which begins after the last of this one; else it begins after the stretch.
func cut[T any](found []T, limit int, s stretch, seq func(T) int64) ([]T, int64) {
	if len(found) <= limit {
		return found, s.last
	}
	return found[:limit], seq(found[limit-1])
}
