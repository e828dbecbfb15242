package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"sync"

	codes "modernc.org/sqlite/lib"
)

// conn is one connection with the statements that were prepared on it. The
// texts of the statements are few and fixed, so none is ever dropped.
type conn struct {
	*sql.Conn
	prepared map[string]*sql.Stmt
}

func (c *conn) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	if s, ok := c.prepared[query]; ok {
		return s, nil
	}
	s, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	c.prepared[query] = s
	return s, nil
}

// run executes a statement and returns how many rows it changed.
func (c *conn) run(ctx context.Context, query string, args ...any) (int64, error) {
	s, err := c.prepare(ctx, query) //nolint:sqlclosecheck // it stays prepared for the connection's life; forget closes it
	if err != nil {
		return 0, err
	}
	result, err := s.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// rollback ends the transaction and reports whether the connection can be used
// again.
func (c *conn) rollback(ctx context.Context) bool {
	_, err := c.run(context.WithoutCancel(ctx), "ROLLBACK")
	// SQLITE_ERROR: no transaction is open, as SQLite rolled it back itself.
	return err == nil || resultCode(err) == codes.SQLITE_ERROR
}

// forget closes the statements. database/sql does not do it along with a
// connection of one's own, and with a statement left SQLite never closes the
// file, so that the log would not be folded into it.
func (c *conn) forget() error {
	var errs []error
	for query, s := range c.prepared {
		errs = append(errs, s.Close())
		delete(c.prepared, query)
	}
	return errors.Join(errs...)
}

// pool hands out connections. It exists beside the one in database/sql because
// that one prepares BEGIN and ROLLBACK anew for each transaction and starts
// two goroutines for each statement of a request that can be cancelled, which
// together cost more than a lookup.
type pool struct {
	db     *sql.DB
	files  *files
	opened func(context.Context, *conn) error // prepares a new connection; may be nil
	idle   chan *conn                         // one entry a place; nil for one that is not connected yet
	closed chan struct{}
	once   sync.Once
}

func newPool(db *sql.DB, size int, files *files) *pool {
	db.SetMaxOpenConns(size)
	p := &pool{db: db, files: files, idle: make(chan *conn, size), closed: make(chan struct{})}
	for range size {
		p.idle <- nil
	}
	return p
}

// get waits for a free connection, first come, first served.
func (p *pool) get(ctx context.Context) (*conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case <-p.closed: // before the other select, which picks at random
		return nil, errClosed
	default:
	}
	select {
	case <-p.closed:
		return nil, errClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	case c := <-p.idle:
		if c != nil {
			return c, nil
		}
	}
	c, err := p.open(ctx)
	if err != nil {
		p.idle <- nil
		return nil, err
	}
	return c, nil
}

func (p *pool) open(ctx context.Context) (*conn, error) {
	var c *conn
	err := p.files.connect(func() error {
		raw, err := p.db.Conn(ctx)
		if err != nil {
			return err
		}
		c = &conn{Conn: raw, prepared: map[string]*sql.Stmt{}}
		// SQLite opens the log at the first read.
		if _, err := c.run(ctx, "SELECT count(*) FROM sqlite_schema"); err != nil {
			return err
		}
		if p.opened != nil {
			return p.opened(ctx, c)
		}
		return nil
	})
	if err != nil && c != nil {
		c.discard()
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

// discard closes the connection for good.
func (c *conn) discard() {
	_ = c.forget()
	// To report the connection as bad is the only way to have database/sql
	// close it instead of keeping it.
	_ = c.Raw(func(any) error { return driver.ErrBadConn })
}

// put gives a connection back. One that is in doubt is closed, and its place is
// filled anew by whoever needs it next.
func (p *pool) put(c *conn, usable bool) {
	if usable {
		p.idle <- c
		return
	}
	_ = p.files.disconnect(func() error { c.discard(); return nil })
	p.idle <- nil
}

// close waits for every transaction in progress and closes all connections.
func (p *pool) close() error {
	var errs []error
	p.once.Do(func() {
		close(p.closed)
		for range cap(p.idle) {
			if c := <-p.idle; c != nil {
				errs = append(errs, p.files.disconnect(func() error { return errors.Join(c.forget(), c.Close()) }))
			}
		}
		errs = append(errs, p.db.Close())
	})
	return errors.Join(errs...)
}
