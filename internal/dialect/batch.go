package dialect

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/schemactl/schemactl/internal/diag"
)

// BatchMark ends an UPDATE or DELETE that runs in batches. It is a comment: other tools run the statement as one.
const BatchMark = "/* schemactl:batch */"

// Batched cuts the mark off a statement that runs in batches.
func Batched(text string) (lead string, ok bool) {
	return strings.CutSuffix(strings.TrimRight(text, "; \n\t"), BatchMark)
}

// A batch is to take about so long, and others get as long between two.
const (
	batchTime  = 200 * time.Millisecond
	batchWait  = 500 * time.Millisecond
	batchTries = 100
)

// Batches is the pace of a statement that runs in batches of a table.
type Batches struct {
	Table string
	// Step is the size of a batch, in what the dialect counts by; it changes between 1 and Most.
	Step, Most int64
	// Tell hears how it goes; nil: nobody does.
	Tell func(string)

	rows int64
	told time.Time
}

// Passes goes through the table again until the statement finds no row any more.
func (b *Batches) Passes(ctx context.Context, pass func(context.Context) error) error {
	b.told = time.Now()
	for range batchTries {
		before := b.rows
		if err := pass(ctx); err != nil || b.rows == before {
			return err
		}
	}
	return diag.Errorf(diag.Pos{}, "endless-batch", "the statement finds rows in %s again and again", b.Table).
		WithHint("its condition must leave out the rows that it has changed")
}

// Patiently runs a batch, which returns the number of its rows, again if others were in its way.
func (b *Batches) Patiently(ctx context.Context, run func() (int64, error), transient func(error) bool) error {
	for try := 1; ; try++ {
		n, err := run()
		if err == nil {
			b.rows += n
			return nil
		}
		if !transient(err) || try == batchTries {
			return err
		}
		if err := b.rest(ctx, batchWait/2+rand.N(batchWait)); err != nil { //nolint:gosec // no secret
			return err
		}
	}
}

// Next leaves the table to others for as long as the last batch took, and fits the size of the next one.
func (b *Batches) Next(ctx context.Context, took time.Duration) error {
	switch {
	case took > batchTime:
		b.Step = max(1, b.Step/2)
	case took < batchTime/2:
		b.Step = min(b.Most, b.Step*2)
	}
	return b.rest(ctx, min(took, batchWait))
}

func (b *Batches) rest(ctx context.Context, wait time.Duration) error {
	if b.Tell != nil && time.Since(b.told) > 10*time.Second {
		b.told = time.Now()
		b.Tell(fmt.Sprintf("%s: %d rows so far", b.Table, b.rows))
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(wait):
		return nil
	}
}
