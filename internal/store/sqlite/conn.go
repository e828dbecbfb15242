package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	codes "modernc.org/sqlite/lib"
)

// conn is one connection with the statements that were prepared on it. The
// texts of the statements are few and fixed, so none is ever dropped.
//
// database/sql opens and closes the connection; its statements are the driver's
// own. Going through database/sql for each of them made a lookup take half as
// long again: locks against uses that cannot be at the same time here, and a
// conversion of each value by reflection.
type conn struct {
	*sql.Conn
	driver   driver.ConnPrepareContext
	prepared map[string]statement
	row      []driver.Value // what the next result is read into
}

// statement is what the driver's statements are.
type statement interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

func newConn(raw *sql.Conn) (*conn, error) {
	c := &conn{Conn: raw, prepared: map[string]statement{}}
	err := raw.Raw(func(own any) error {
		var ok bool
		if c.driver, ok = own.(driver.ConnPrepareContext); !ok {
			return fmt.Errorf("the driver's connection is a %T", own)
		}
		return nil
	})
	return c, err
}

func (c *conn) prepare(ctx context.Context, query string) (statement, error) {
	if s, ok := c.prepared[query]; ok {
		return s, nil
	}
	prepared, err := c.driver.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	s, ok := prepared.(statement)
	if !ok {
		return nil, errors.Join(fmt.Errorf("the driver's statement is a %T", prepared), prepared.Close())
	}
	c.prepared[query] = s
	return s, nil
}

// run executes a statement and returns how many rows it changed.
func (c *conn) run(ctx context.Context, query string, args ...any) (int64, error) {
	s, err := c.prepare(ctx, query)
	if err != nil {
		return 0, err
	}
	values, err := bind(args)
	if err != nil {
		return 0, err
	}
	result, err := s.ExecContext(ctx, values)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// read hands each row of a query to fn, up to where fn wants no more.
func (c *conn) read(ctx context.Context, query string, args []any, fn func(row []driver.Value) (more bool, err error)) (err error) {
	s, err := c.prepare(ctx, query)
	if err != nil {
		return err
	}
	values, err := bind(args)
	if err != nil {
		return err
	}
	rows, err := s.QueryContext(ctx, values)
	if err != nil {
		return err
	}
	defer func() {
		if failed := rows.Close(); err == nil {
			err = failed
		}
	}()
	row := slices.Grow(c.row[:0], len(rows.Columns()))[:len(rows.Columns())]
	c.row = nil // in use, should fn read something else
	defer func() { c.row = row }()
	for more := true; more; {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := rows.Next(row); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if more, err = fn(row); err != nil {
			return err
		}
	}
	return nil
}

// rollback ends the transaction and reports whether the connection can be used
// again.
func (c *conn) rollback(ctx context.Context) bool {
	_, err := c.run(context.WithoutCancel(ctx), "ROLLBACK")
	// SQLITE_ERROR: no transaction is open, as SQLite rolled it back itself.
	return err == nil || resultCode(err) == codes.SQLITE_ERROR
}

// forget closes the statements. With one left SQLite never closes the file, so
// that the log would not be folded into it.
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
	opened func(context.Context, *conn) error // prepares a new connection; may be nil
	idle   chan *conn                         // one entry a place; nil for one that is not connected yet
	closed chan struct{}
	once   sync.Once
}

func newPool(db *sql.DB, size int) *pool {
	db.SetMaxOpenConns(size)
	p := &pool{db: db, idle: make(chan *conn, size), closed: make(chan struct{})}
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
	raw, err := p.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	c, err := newConn(raw)
	if err != nil {
		return nil, errors.Join(err, raw.Close())
	}
	if p.opened != nil {
		if err := p.opened(ctx, c); err != nil {
			return nil, errors.Join(err, c.forget(), raw.Close())
		}
	}
	return c, nil
}

// put gives a connection back. One that is in doubt is closed, and its place is
// filled anew by whoever needs it next.
func (p *pool) put(c *conn, usable bool) {
	if usable {
		p.idle <- c
		return
	}
	_ = c.forget()
	// To report the connection as bad is the only way to have database/sql
	// close it instead of keeping it.
	_ = c.Raw(func(any) error { return driver.ErrBadConn })
	p.idle <- nil
}

// close waits for every transaction in progress and closes all connections.
func (p *pool) close() error {
	var errs []error
	p.once.Do(func() {
		close(p.closed)
		for range cap(p.idle) {
			if c := <-p.idle; c != nil {
				errs = append(errs, c.forget(), c.Close())
			}
		}
		errs = append(errs, p.db.Close())
	})
	return errors.Join(errs...)
}
