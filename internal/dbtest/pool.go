package dbtest

import (
	"sync"
	"testing"
)

// A Pool holds what tests that run at the same time take turns with, such as dev databases, which every use must leave
// empty: a database of its own for each would take more time than the test.
type Pool[T any] struct {
	open func(Server) T
	mu   sync.Mutex
	free map[string][]T // by the server's name
}

// NewPool makes a pool. open makes one more T, which must outlive all tests that Lend serves.
func NewPool[T any](open func(Server) T) *Pool[T] {
	return &Pool[T]{open: open, free: map[string][]T{}}
}

// Lend gives a test a T of that server for itself until it ends.
func (p *Pool[T]) Lend(t testing.TB, srv Server) T {
	t.Helper()
	lent, ok := p.take(srv.Name)
	if !ok {
		lent = p.open(srv)
	}
	t.Cleanup(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.free[srv.Name] = append(p.free[srv.Name], lent)
	})
	return lent
}

func (p *Pool[T]) take(server string) (lent T, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	free := p.free[server]
	if len(free) == 0 {
		return lent, false
	}
	p.free[server] = free[:len(free)-1]
	return free[len(free)-1], true
}
