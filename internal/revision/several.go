package revision

import (
	"context"
	"slices"
	"time"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/migrate"
)

// convoy is the files that go to the server together: the more, the faster those before them were, so that what takes its
// time is told of when it is done, and what is cut off is little.
type convoy struct {
	most int // how many may go
	list []*Migration
}

const (
	mostTogether  = 64
	growsBelow    = 50 * time.Millisecond
	shrinksBeyond = 200 * time.Millisecond
)

// adapt learns from how long the last ones took.
func (c *convoy) adapt(took time.Duration) {
	switch {
	case took < growsBelow:
		c.most = min(2*c.most, mostTogether)
	case took > shrinksBeyond:
		c.most = max(c.most/4, 1)
	}
}

// behind are those that went to the server behind one.
func (c *convoy) behind(m *Migration) []*Migration {
	if i := slices.Index(c.list, m); i >= 0 {
		return c.list[i+1:]
	}
	return nil
}

// together runs the first of some files at once, as far as the dialect can, and tells how many are applied. An error is of
// the file behind those.
func (r *Run) together(ctx context.Context, list []*Migration, c *convoy) (ran int, err error) {
	start := time.Now()
	c.list = nil
	if c.most > 1 {
		c.list = r.ready(list[:min(c.most, len(list))])
	}
	if len(c.list) < 2 {
		c.list, c.most = nil, min(2*c.most, mostTogether)
		return 0, nil
	}
	took, done, err := r.History.RunSeveral(ctx, r.wholes(c.list, start))
	for _, m := range c.list[:len(took)] {
		if r.Start != nil {
			r.Start(m, 0)
		}
		if r.End != nil {
			r.End(m, took[ran])
		}
		ran++
	}
	if err == nil && ran == 0 {
		c.most = 1
		return 0, nil
	}
	c.adapt(time.Since(start))
	if err == nil {
		return ran, nil
	}
	if m := c.list[ran]; done < len(m.Statements) {
		return ran, &stopped{m.Statements[done], err}
	}
	return ran, r.notEntered(c.list[ran], err)
}

// ready returns the first of some files that need nothing but their statements and an entry in the history.
func (r *Run) ready(list []*Migration) []*Migration {
	for i, m := range list {
		if !m.Framed || !m.fresh || m.undo != nil || m.Revision.Applied > 0 || len(m.Checks) > 0 || len(m.Statements) == 0 {
			return list[:i]
		}
	}
	if r.TxMode == migrate.TxAll {
		return nil
	}
	return list
}

func (r *Run) wholes(list []*Migration, at time.Time) []*dialect.Whole {
	var out []*dialect.Whole
	for _, m := range list {
		m.Revision.Operator, m.Revision.ExecutedAt = r.Operator, at.UTC()
		out = append(out, &dialect.Whole{Statements: m.Statements, Entry: m.final(at), New: true, Commit: true})
	}
	return out
}
