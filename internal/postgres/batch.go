package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/statement"
)

var _ dialect.Batcher = (*session)(nil)

// readBatch tells what a statement that runs in batches changes.
func readBatch(text string) (lead, table string, ok bool) {
	if lead, ok = dialect.Batched(text); !ok {
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
	b := &batch{session: s, lead: lead, Batches: dialect.Batches{Table: table, Step: 16, Most: 4096, Tell: tell}}
	return true, b.Passes(ctx, b.pass)
}

type batch struct {
	*session
	dialect.Batches // by pages
	lead            string
}

// pass goes through all pages once.
func (b *batch) pass(ctx context.Context) error {
	pages, err := b.pages(ctx)
	if err != nil {
		return err
	}
	for from := int64(0); from < pages; {
		start, to := time.Now(), from+b.Step
		if err := b.patiently(ctx, fmt.Sprintf("%s AND ctid >= '(%d,0)' AND ctid < '(%d,0)'", b.lead, from, to)); err != nil {
			return err
		}
		from = to
		if err := b.Next(ctx, time.Since(start)); err != nil {
			return err
		}
	}
	return nil
}

// pages counts those of the table, or of the longest of its parts: each has pages of the same numbers.
func (b *batch) pages(ctx context.Context) (n int64, err error) {
	err = b.conn.QueryRowContext(ctx, `
WITH RECURSIVE part AS (
  SELECT to_regclass(`+literal(b.Table)+`)::oid AS oid
  UNION SELECT i.inhrelid FROM part JOIN pg_catalog.pg_inherits i ON i.inhparent = part.oid)
SELECT coalesce(pg_catalog.max(pg_catalog.pg_relation_size(oid)), 0) / pg_catalog.current_setting('block_size')::bigint + 1 FROM part`).Scan(&n)
	return n, fault(err, "")
}

// patiently runs a batch, again if others were in its way.
func (b *batch) patiently(ctx context.Context, text string) error {
	return b.Patiently(ctx, func() (int64, error) {
		result, err := b.conn.ExecContext(ctx, text)
		if err != nil {
			return 0, fault(err, text)
		}
		return result.RowsAffected()
	}, b.Transient)
}
