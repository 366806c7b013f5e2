package postgres

import (
	"context"
	"database/sql"
	"errors"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/schemactl/schemactl/internal/diag"
)

// dialer remembers the ports that connections were opened from, so that the server's word about its client can be held
// against them.
type dialer struct {
	net.Dialer
	mu    sync.Mutex
	ports []string
}

func (d *dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := d.Dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	if a, ok := c.LocalAddr().(*net.TCPAddr); ok {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.ports = append(d.ports, strconv.Itoa(a.Port))
	}
	return c, nil
}

func (d *dialer) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return d.DialContext(ctx, network, address)
}

// pooled reports whether something stands between this end of the connection and the server's: the server sees another
// client than us. Of sockets nothing can be told.
func (s *session) pooled(ctx context.Context) (bool, error) {
	var port sql.NullString
	if err := s.conn.QueryRowContext(ctx, "SELECT inet_client_port()::text").Scan(&port); err != nil {
		return false, fault(err, "")
	}
	s.dialed.mu.Lock()
	defer s.dialed.mu.Unlock()
	return !slices.Contains(s.dialed.ports, port.String), nil
}

// Lock takes the lock of the session. A pooler in transaction mode hands every transaction to another session of the
// server, which makes such a lock worthless, and leaves it behind; there a transaction on a second connection holds the
// lock. It does nothing else, has no snapshot, and ends with schemactl.
func (h *history) Lock(ctx context.Context, name string, timeout time.Duration, tell func(string)) (func(context.Context) error, error) {
	pooled, err := h.pooled(ctx)
	if err != nil {
		return nil, err
	}
	if !pooled {
		return h.session.Lock(ctx, name, timeout)
	}
	if len(h.dialed.ports) > 0 {
		tell("A pooler or proxy stands before the server, where locks of a session cannot be trusted: a transaction on a second connection holds the lock.")
	}
	conn, err := h.db.Conn(ctx)
	if err != nil {
		return nil, diag.Errorf(diag.Pos{}, "connect", "the lock needs a second connection, and there is none: %v", err)
	}
	keep := "BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0"
	if h.server.Major >= 17 {
		keep += "; SET LOCAL transaction_timeout = 0"
	}
	err = poll(ctx, name, timeout, func() (got bool, err error) {
		if _, err := conn.ExecContext(ctx, keep); err != nil {
			return false, fault(err, "")
		}
		err = conn.QueryRowContext(ctx, "SELECT pg_try_advisory_xact_lock("+lockKey(name)+")").Scan(&got)
		if err == nil && !got {
			_, err = conn.ExecContext(ctx, "ROLLBACK")
		}
		return got, fault(err, "")
	})
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return func(ctx context.Context) error {
		_, err := conn.ExecContext(ctx, "ROLLBACK")
		return errors.Join(err, conn.Close())
	}, nil
}
