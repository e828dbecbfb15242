package server

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// lastWork is what the requests leave of the drain for what comes after them. It is
// never more than a fifth of the drain.
const lastWork = time.Second

// Serve answers requests until ctx ends. Then it goes on for the shutdown delay, while
// /readyz says that it stops. After that it has the drain for all that is left: the
// requests that it has begun, the chores, the counts that are not written yet, and the
// data folder. What is not done by then is given up; what was acknowledged is on the disk
// at any time.
func (s *Server) Serve(ctx context.Context) error {
	working, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	var chores sync.WaitGroup
	for _, run := range s.chores {
		chores.Go(func() { run(working) })
	}
	err := s.serveUntil(ctx)
	// ctx has ended already; what is left has one time limit of its own.
	deadline := time.Now().Add(s.drain)
	last, cancel := context.WithDeadline(context.WithoutCancel(ctx), deadline)
	defer cancel()
	stopWork()
	err = errors.Join(err, s.drainRequests(last, deadline.Add(-min(lastWork, s.drain/5))))
	err = errors.Join(err, await(last, "the server's chores", func() error { chores.Wait(); return nil }))
	err = errors.Join(err, await(last, "writing the last counts of use", func() error { s.lastFlush(last); return nil }))
	return errors.Join(err, await(last, "closing the data folder", s.data.Close), s.neighbour.Close())
}

// serveUntil answers requests until ctx ends and the shutdown delay is over, or until the
// listener fails.
func (s *Server) serveUntil(ctx context.Context) error {
	failed := make(chan error, 1)
	go func() {
		if s.certificates != nil {
			failed <- s.http.ServeTLS(s.listener, "", "")
		} else {
			failed <- s.http.Serve(s.listener)
		}
	}()
	select {
	case err := <-failed:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	s.log.Info("stopping", "shutdown_delay", s.delay.String(), "drain", s.drain.String())
	s.api.Stop()
	// Each connection ends with its next answer, so that its caller goes elsewhere.
	s.http.SetKeepAlivesEnabled(false)
	select {
	case err := <-failed:
		return fmt.Errorf("serving: %w", err)
	case <-time.After(s.delay):
		return nil
	}
}

// drainRequests closes the port and waits for the requests at hand, then cuts off those
// that are left.
func (s *Server) drainRequests(ctx context.Context, until time.Time) error {
	draining, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	err := s.http.Shutdown(draining)
	if errors.Is(err, context.DeadlineExceeded) {
		s.log.Warn("cut off requests that took longer than the drain", "drain", s.drain.String())
		return s.http.Close()
	}
	return err
}

// await waits for work, but not longer than ctx. Work that is given up ends with the
// process.
func await(ctx context.Context, what string, work func() error) error {
	done := make(chan error, 1)
	go func() { done <- work() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("%s took longer than the drain and was given up; what was acknowledged is on the disk", what)
	}
}
