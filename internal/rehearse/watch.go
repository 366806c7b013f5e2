package rehearse

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/safety"
)

// glance is between two looks at what the session of the plan holds.
const glance = 2 * time.Millisecond

// watch is a session that looks at what the session of the plan does.
type watch struct {
	stage   *Stage
	tables  []safety.Name
	session dialect.Session // nil: nothing is seen
	backend int64
	cancel  context.CancelFunc
	done    chan struct{}
	files   map[string]dialect.File
	parts   map[string]bool // tables that are parts of those of the plan
	deaf    error           // why no locks are seen
	blind   string          // why no files are

	mu     sync.Mutex
	spans  []span
	open   map[safety.Lock]int // the spans that go on, by their locks
	copies []time.Time
}

// span is a lock from the moment in which it was first seen to the last.
type span struct {
	lock        safety.Lock
	first, last time.Time
}

func startWatch(ctx context.Context, stage *Stage, tables []safety.Name) (*watch, error) {
	w := &watch{stage: stage, tables: tables, open: map[safety.Lock]int{}, files: map[string]dialect.File{}, parts: map[string]bool{}}
	own, ok := stage.Session.(dialect.Observer)
	if !ok || len(tables) == 0 {
		return w, nil
	}
	var err error
	if w.backend, err = own.Backend(ctx); err != nil {
		return nil, fmt.Errorf("ask which session runs the plan: %w", err)
	}
	if w.session, err = open(ctx, stage); err != nil {
		return nil, err
	}
	_, _, _ = w.compare(ctx)
	inner, cancel := context.WithCancel(ctx)
	w.cancel, w.done = cancel, make(chan struct{})
	go w.keepLooking(inner)
	return w, nil
}

func (w *watch) keepLooking(ctx context.Context) {
	defer close(w.done)
	for ctx.Err() == nil {
		w.look(ctx)
		select {
		case <-ctx.Done():
		case <-time.After(glance):
		}
	}
}

// look notes what the session of the plan holds at this moment. Who cannot see it says why, once.
func (w *watch) look(ctx context.Context) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.session == nil || w.deaf != nil {
		return
	}
	seen, err := w.session.(dialect.Observer).Observe(ctx, w.backend)
	now := time.Now()
	if err != nil && ctx.Err() == nil {
		w.deaf = err
	}
	if seen.Copies {
		w.copies = append(w.copies, now)
	}
	if err != nil {
		return
	}
	still := map[safety.Lock]int{}
	for _, l := range seen.Locks {
		i, ok := w.open[l]
		if !ok {
			i = len(w.spans)
			w.spans = append(w.spans, span{lock: l, first: now})
		}
		w.spans[i].last = now
		still[l] = i
	}
	w.open = still
}

// compare tells which tables and indexes are elsewhere since the last time, by the session of the plan, which sees what it
// has not committed.
func (w *watch) compare(ctx context.Context) (rewritten, built []string, err error) {
	o, ok := w.stage.Session.(dialect.Observer)
	if !ok || w.session == nil || w.blind != "" {
		return nil, nil, nil
	}
	files, err := o.Files(ctx, w.stage.locals(w.tables))
	if err != nil {
		w.blind = err.Error() // the report says that nothing is seen
		return nil, nil, ctx.Err()
	}
	now, fresh := map[string]dialect.File{}, len(w.files) == 0
	for _, f := range files {
		now[f.ID] = f
		if name := w.named(f.Table); !slices.ContainsFunc(w.tables, func(t safety.Name) bool { return t.String() == name }) {
			w.parts[name] = true
		}
		before, known := w.files[f.ID]
		switch {
		case fresh || known && before.Place == f.Place:
		case f.Index != "":
			built = append(built, w.named(f.Table)+"."+f.Index)
		case known:
			rewritten = append(rewritten, w.named(f.Table))
		}
	}
	w.files = now
	slices.Sort(rewritten)
	slices.Sort(built)
	return slices.Compact(rewritten), slices.Compact(built), nil
}

// named is a table of the stage as the plan calls it.
func (w *watch) named(n safety.Name) string {
	for _, t := range w.tables {
		if w.stage.local(t) == n {
			return t.String()
		}
	}
	if w.stage.Home != nil {
		n = w.stage.Home(n)
	}
	return n.String()
}

// stop ends the watch.
func (w *watch) stop() error {
	if w.session == nil {
		return nil
	}
	w.cancel()
	<-w.done
	return w.session.Close()
}

// hold gives each statement the locks that were held while it ran, the strongest and longest of each table, and says what
// could not be seen.
func (r *rehearsal) hold() {
	w := r.watch
	for i := range r.Steps {
		s := &r.Steps[i]
		for _, sp := range w.spans {
			if !sp.first.After(s.end) && !sp.last.Before(s.start) {
				s.took(w.named(sp.lock.Table), sp)
			}
		}
		s.Copied = slices.ContainsFunc(w.copies, func(t time.Time) bool { return !t.Before(s.start) && !t.After(s.end) })
		s.foresee(func(table string) bool { return w.parts[table] })
	}
	if w.deaf != nil {
		r.Unseen = append(r.Unseen, "which locks are held: "+w.deaf.Error())
	}
	if w.blind != "" {
		r.Unseen = append(r.Unseen, "what is written anew: "+w.blind)
	}
}

// took keeps the lock of a table that keeps most people waiting, and of such the one that was held longest.
func (s *Step) took(table string, sp span) {
	h := Held{Table: table, Mode: sp.lock.Mode, Seconds: sp.last.Sub(sp.first).Seconds(), Before: sp.first.Before(s.start), hold: sp.lock.Hold}
	i := slices.IndexFunc(s.Held, func(x Held) bool { return x.Table == table })
	switch {
	case i < 0:
		s.Held = append(s.Held, h)
	case h.hold > s.Held[i].hold || h.hold == s.Held[i].hold && h.Seconds > s.Held[i].Seconds:
		s.Held[i] = h
	}
}

// foresee leaves out what nobody waits for or was held before, of tables that the statement does not name, and marks the locks that are stronger
// than the table of costs says. That knows a table by its name, with all of its parts.
func (s *Step) foresee(part func(table string) bool) {
	foreseen := func(table string) (hold safety.Hold, ok bool) {
		if s.Facts == nil {
			return safety.HoldNothing, false
		}
		for _, l := range s.Facts.Locks {
			if l.Table.String() == table {
				hold, ok = max(hold, l.Hold), true
			}
		}
		return hold, ok
	}
	s.Held = slices.DeleteFunc(s.Held, func(h Held) bool {
		_, ok := foreseen(h.Table)
		return !ok && (h.Before || h.hold == safety.HoldNothing)
	})
	for i := range s.Held {
		h := &s.Held[i]
		hold, _ := foreseen(h.Table)
		h.Unforeseen = !h.Before && h.hold > hold && !part(h.Table)
	}
}
