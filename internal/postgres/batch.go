package postgres

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/statement"
)

var _ dialect.Batcher = (*session)(nil)

// batchMark ends an UPDATE or DELETE that runs in batches. It is a comment: other tools run the statement as one.
const batchMark = "/* schemactl:batch */"

// A batch is to take about so long, and others get as long between two.
const (
	batchTime  = 200 * time.Millisecond
	batchWait  = 500 * time.Millisecond
	batchTries = 100
)

// readBatch tells what a statement that runs in batches changes.
func readBatch(text string) (lead, table string, ok bool) {
	lead, ok = strings.CutSuffix(strings.TrimRight(text, "; \n\t"), batchMark)
	if !ok {
		return "", "", false
	}
	p := &words{statement.Words(lead, 20)}
	if !p.take("update") && !p.takeAll("delete", "from") {
		return "", "", false
	}
	p.take("only")
	table = p.name()
	return lead, table, table != ""
}

// Batch goes through a table by ranges of its pages, each in a transaction of its own, until the statement finds no row any
// more: a row that somebody updates meanwhile may move to where the run was already (PostgreSQL manual, "TID Scans").
// What was done stays when it is cut off, and is not found again.
func (s *session) Batch(ctx context.Context, text string, tell func(string)) (bool, error) {
	lead, table, ok := readBatch(text)
	if !ok {
		return false, nil
	}
	b := &batch{session: s, lead: lead, table: table, step: 16, tell: tell, told: time.Now()}
	for range batchTries {
		before := b.rows
		if err := b.pass(ctx); err != nil || b.rows == before {
			return true, err
		}
	}
	return true, diag.Errorf(diag.Pos{}, "endless-batch", "the statement finds rows in %s again and again", table).
		WithHint("its condition must leave out the rows that it has changed")
}

type batch struct {
	*session
	lead, table string
	step        int64 // pages of a batch
	rows        int64
	tell        func(string)
	told        time.Time
}

// pass goes through all pages once.
func (b *batch) pass(ctx context.Context) error {
	pages, err := b.pages(ctx)
	if err != nil {
		return err
	}
	for from := int64(0); from < pages; {
		start, to := time.Now(), from+b.step
		if err := b.patiently(ctx, fmt.Sprintf("%s AND ctid >= '(%d,0)' AND ctid < '(%d,0)'", b.lead, from, to)); err != nil {
			return err
		}
		from = to
		took := time.Since(start)
		switch {
		case took > batchTime:
			b.step = max(1, b.step/2)
		case took < batchTime/2:
			b.step = min(4096, b.step*2)
		}
		if err := b.rest(ctx, min(took, batchWait)); err != nil {
			return err
		}
	}
	return nil
}

// pages counts those of the table, or of the longest of its parts: each has pages of the same numbers.
func (b *batch) pages(ctx context.Context) (n int64, err error) {
	err = b.conn.QueryRowContext(ctx, `
WITH RECURSIVE part AS (
  SELECT to_regclass(`+literal(b.table)+`)::oid AS oid
  UNION SELECT i.inhrelid FROM part JOIN pg_catalog.pg_inherits i ON i.inhparent = part.oid)
SELECT coalesce(pg_catalog.max(pg_catalog.pg_relation_size(oid)), 0) / pg_catalog.current_setting('block_size')::bigint + 1 FROM part`).Scan(&n)
	return n, fault(err, "")
}

// patiently runs a batch, again if others were in its way.
func (b *batch) patiently(ctx context.Context, text string) error {
	for try := 1; ; try++ {
		result, err := b.conn.ExecContext(ctx, text)
		if err == nil {
			n, err := result.RowsAffected()
			b.rows += n
			return err
		}
		if err = fault(err, text); !b.Transient(err) || try == batchTries {
			return err
		}
		if err := b.rest(ctx, batchWait/2+rand.N(batchWait)); err != nil { //nolint:gosec // no secret
			return err
		}
	}
}

// rest leaves the table to others.
func (b *batch) rest(ctx context.Context, wait time.Duration) error {
	if b.tell != nil && time.Since(b.told) > 10*time.Second {
		b.told = time.Now()
		b.tell(fmt.Sprintf("%s: %d rows so far", b.table, b.rows))
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(wait):
		return nil
	}
}
