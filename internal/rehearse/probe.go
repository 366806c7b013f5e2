package rehearse

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/safety"
)

// pause is between two probes of a table: short beside what a person notices.
const pause = 5 * time.Millisecond

// probes are sessions that read and write tables until they are stopped.
type probes struct {
	cancel context.CancelFunc
	all    sync.WaitGroup

	mu    sync.Mutex
	waits []wait
}

func startProbes(ctx context.Context, d dialect.Dialect, p Prober, u *dburl.URL, tables []safety.Name) (*probes, error) {
	inner, cancel := context.WithCancel(ctx)
	out := &probes{cancel: cancel}
	for _, t := range tables {
		read, write := p.Probes(t)
		for i, sql := range []string{read, write} {
			s, err := open(ctx, d, u)
			if err != nil {
				out.stop()
				return nil, err
			}
			out.all.Add(1)
			go out.probe(inner, s, wait{table: t, write: i == 1}, sql)
		}
	}
	return out, nil
}

// probe asks again and again. A table that is gone, or has another name, is probed no more.
func (p *probes) probe(ctx context.Context, s dialect.Session, w wait, sql string) {
	defer p.all.Done()
	defer func() { _ = s.Close() }()
	for ctx.Err() == nil {
		w.start = time.Now()
		err := s.Exec(ctx, sql)
		w.end = time.Now()
		p.mu.Lock()
		p.waits = append(p.waits, w)
		p.mu.Unlock()
		if err != nil {
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

// stop ends the probes and returns what they waited.
func (p *probes) stop() []wait {
	p.cancel()
	p.all.Wait()
	return p.waits
}

var errSameDatabase = errors.New("the copy is the live database itself")

// CheckApart refuses a copy that is the live database.
func CheckApart(live, copied dialect.Session) error {
	if live.Server().Identity == copied.Server().Identity {
		return errSameDatabase
	}
	return nil
}
