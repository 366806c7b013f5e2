package postgres

import (
	"context"
	"database/sql"
	"errors"
	"hash/fnv"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
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

// atlasLock is the lock of Atlas's migrate apply, under the number that its driver makes of the name.
func atlasLock() lock {
	h := fnv.New32()
	_, _ = h.Write([]byte(dialect.AtlasLock))
	return lock{dialect.AtlasLock, strconv.FormatUint(uint64(h.Sum32()), 10)}
}

// Lock takes the lock of the session, and Atlas's. A pooler in transaction mode hands every transaction to another session of the
// server, which makes such a lock worthless, and leaves it behind; there a transaction on a second connection holds
// them. It does nothing else, has no snapshot, and ends with schemactl.
func (h *history) Lock(ctx context.Context, name string, timeout time.Duration, tell func(string)) (func(context.Context) error, error) {
	pooled, err := h.pooled(ctx)
	if err != nil {
		return nil, err
	}
	locks := []lock{ownLock(name), atlasLock()}
	if pooled {
		h.entries = neverPrepare // the server's session may be another one for every transaction
	}
	if !pooled {
		h.held = locks
		return h.lockAll(ctx, locks, timeout)
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
	err = h.poll(ctx, timeout, func() (held lock, err error) {
		if _, err := conn.ExecContext(ctx, keep); err != nil {
			return lock{}, fault(err, "")
		}
		for _, l := range locks {
			var got bool
			err := conn.QueryRowContext(ctx, "SELECT pg_try_advisory_xact_lock("+l.key+")").Scan(&got)
			if err == nil && !got {
				_, err = conn.ExecContext(ctx, "ROLLBACK")
			}
			if err != nil || !got {
				return l, fault(err, "")
			}
		}
		return lock{}, nil
	})
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return func(ctx context.Context) error {
		_, err := conn.ExecContext(ctx, "ROLLBACK")
		return errors.Join(err, conn.Close())
	}, nil
}
