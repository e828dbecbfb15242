package sqlite

import (
	"database/sql"
	"errors"
	"path/filepath"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

func opened(t *testing.T) *Store {
	t.Helper()
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "postern.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// using runs fn with a connection of the pool.
func using(t *testing.T, p *pool, fn func(c *conn)) {
	t.Helper()
	c, err := p.get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer p.put(c, true)
	fn(c)
}

func TestSettingsHoldOnEveryConnection(t *testing.T) {
	t.Parallel()
	s := opened(t)
	reading := map[string]string{"journal_mode": "wal", "busy_timeout": "5000", "trusted_schema": "0", "query_only": "1"}
	for name, tc := range map[string]struct {
		pool *pool
		want map[string]string
	}{
		"writer": {s.writers, map[string]string{
			"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "5000", "trusted_schema": "0", "query_only": "0",
		}},
		"look-up": {s.lookups, reading},
		"list":    {s.lists, reading},
	} {
		using(t, tc.pool, func(c *conn) {
			for pragma, want := range tc.want {
				var got string
				if err := c.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
					t.Errorf("%s: %s is %q, %v, want %q", name, pragma, got, err, want)
				}
			}
		})
	}
}

// TestResultCodes makes SQLite fail in each way and looks at what comes of it.
func TestResultCodes(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "x.db")
	db := func(settings string) *sql.DB {
		db, err := sql.Open(driverName, "file:"+path+"?"+settings)
		if err != nil {
			t.Fatal(err)
		}
		db.SetMaxOpenConns(1)
		t.Cleanup(func() { _ = db.Close() })
		return db
	}
	exec := func(db *sql.DB, query string) error {
		_, err := db.ExecContext(ctx, query)
		return err
	}
	one, two := db("_pragma=foreign_keys(1)"), db("_pragma=busy_timeout(0)")
	for _, query := range []string{
		`CREATE TABLE a (id TEXT PRIMARY KEY, u TEXT UNIQUE, n TEXT NOT NULL CHECK (n <> 'bad')) STRICT`,
		`CREATE TABLE b (a TEXT REFERENCES a (id)) STRICT`,
		`INSERT INTO a VALUES ('1', '1', '1')`,
	} {
		if err := exec(one, query); err != nil {
			t.Fatal(err)
		}
	}
	other := errors.New("none of the domain's")
	check := func(what string, err, want error, ends bool) {
		t.Helper()
		if err == nil {
			t.Errorf("%s: no error", what)
			return
		}
		got := other
		for _, e := range []error{keyring.ErrNotFound, keyring.ErrDuplicate, keyring.ErrStale, keyring.ErrFull, keyring.ErrUnavailable} {
			if errors.Is(coded(err), e) {
				got = e
			}
		}
		if !errors.Is(got, want) || endsTransaction(err) != ends {
			t.Errorf("%s: %v became %q and ends the transaction: %t, want %q and %t", what, err, got, endsTransaction(err), want, ends)
		}
	}
	check("primary key", exec(one, `INSERT INTO a VALUES ('1', '2', '2')`), keyring.ErrDuplicate, false)
	check("unique", exec(one, `INSERT INTO a VALUES ('2', '1', '2')`), keyring.ErrDuplicate, false)
	check("foreign key", exec(one, `INSERT INTO b VALUES ('9')`), keyring.ErrNotFound, false)
	check("not null", exec(one, `INSERT INTO a VALUES ('2', '2', NULL)`), other, false)
	check("check", exec(one, `INSERT INTO a VALUES ('2', '2', 'bad')`), other, false)
	check("type", exec(one, `INSERT INTO a VALUES ('2', x'00', '2')`), other, false)
	check("syntax", exec(one, `INSERT AROUND a`), other, true)
	check("no row", one.QueryRowContext(ctx, `SELECT id FROM a WHERE id = '9'`).Scan(new(string)), keyring.ErrNotFound, false)

	if err := exec(one, `BEGIN IMMEDIATE`); err != nil {
		t.Fatal(err)
	}
	check("busy", exec(two, `BEGIN IMMEDIATE`), keyring.ErrUnavailable, true)
	if err := exec(one, `ROLLBACK`); err != nil {
		t.Fatal(err)
	}
	check("read only", exec(db("mode=ro"), `INSERT INTO a VALUES ('2', '2', '2')`), keyring.ErrUnavailable, true)
	check("full", exec(db("_pragma=max_page_count(1)"), `CREATE TABLE c (id TEXT)`), keyring.ErrFull, true)

	c, err := one.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	_ = c.Close()
	check("closed connection", c.PingContext(ctx), keyring.ErrUnavailable, false)

	path = filepath.Join(path, "in-a-file")
	check("cannot open", exec(db(""), `SELECT 1`), keyring.ErrUnavailable, true)
}
