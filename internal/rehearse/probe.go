package rehearse

import (
	"context"
	"fmt"
	"sync"
	"time"

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

func startProbes(ctx context.Context, stage *Stage, p Prober, tables []safety.Name) (*probes, error) {
	inner, cancel := context.WithCancel(ctx)
	out := &probes{cancel: cancel}
	for _, t := range tables {
		read, write := p.Probes(stage.local(t))
		for i, sql := range []string{read, write} {
			s, err := open(ctx, stage)
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

// wait is one probe that was answered.
type wait struct {
	table      safety.Name
	write      bool
	start, end time.Time
}

// open makes another session with the database of a stage.
func open(ctx context.Context, stage *Stage) (dialect.Session, error) {
	s, err := stage.Dialect.Connect(ctx, stage.URL)
	if err != nil {
		return nil, fmt.Errorf("connect to the copy again: %w", err)
	}
	return s, nil
}
