package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/statement"
)

var _ dialect.Batcher = (*session)(nil)

// readBatch tells what a statement that runs in batches changes.
func readBatch(text string) (lead, table string, ok bool) {
	if lead, ok = dialect.Batched(text); !ok {
		return "", "", false
	}
	p := &words{statement.Words(lead, 20)}
	if !p.take("update") && !p.take("delete", "from") {
		return "", "", false
	}
	table = p.name()
	return lead, table, table != ""
}

// Batch goes through a table by pages of its primary key, each in a transaction of its own, until the statement finds no row
// any more: rows may get another key meanwhile. What was done stays when it is cut off, and is not found again.
func (s *session) Batch(ctx context.Context, text string, tell func(string)) (bool, error) {
	lead, table, ok := readBatch(text)
	if !ok {
		return false, nil
	}
	key, err := s.batchKey(ctx, table)
	if err != nil {
		return true, err
	}
	b := &batch{session: s, lead: lead, key: key, Batches: dialect.Batches{Table: table, Step: 1000, Most: 1 << 20, Tell: tell}}
	return true, b.Passes(ctx, b.pass)
}

// keyPart is a column of a primary key.
type keyPart struct{ name, typ string }

// pages reports whether keys of a type can be written as text and are in the same order then.
func pages(typ string) bool {
	t := parseType(typ)
	return t.isWhole() || t.isTime() && t.name != "timestamp" || t.bytes() > 0
}

// pagelessPart finds a column of a primary key by which no pages can be made.
func pagelessPart(s *object.State, table object.ID, x *Index) (column, typ string) {
	for _, p := range x.Parts {
		c, ok := kind.Get[Column](s, columnID(table, p.Column))
		if ok && (!pages(c.V.Type) || p.Prefix > 0 || p.Desc) {
			return p.Column, either(p.Prefix > 0, "only a part", either(p.Desc, "in descending order", c.V.Type))
		}
	}
	return "", ""
}

// batchKey reads the primary key of a table.
func (s *session) batchKey(ctx context.Context, table string) (out []keyPart, err error) {
	schema, name := "DATABASE()", table
	if i := strings.LastIndex(table, "`.`"); i >= 0 {
		schema, name = literal(unquoted(table[:i+1])), table[i+2:]
	}
	rows, err := s.conn.QueryContext(ctx, `
SELECT s.COLUMN_NAME, c.COLUMN_TYPE, s.SUB_PART IS NOT NULL OR COALESCE(s.COLLATION, 'A') = 'D'
FROM information_schema.STATISTICS s JOIN information_schema.COLUMNS c USING (TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME)
WHERE s.INDEX_NAME = 'PRIMARY' AND s.TABLE_SCHEMA = `+schema+` AND s.TABLE_NAME = `+literal(unquoted(name))+` ORDER BY s.SEQ_IN_INDEX`)
	if err != nil {
		return nil, s.flavor.fault(err, "")
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var p keyPart
		var odd bool
		if err := rows.Scan(&p.name, &p.typ, &odd); err != nil {
			return nil, err
		}
		if odd || !pages(p.typ) {
			return nil, diag.Errorf(diag.Pos{}, "no-batches", "%s cannot be gone through in batches: its primary key has %s, which is a part, in descending order or %s", table, ident(p.name), p.typ).
				WithHint("leave out the comment %s, and let the statement run as one", dialect.BatchMark)
		}
		out = append(out, p)
	}
	if len(out) == 0 && rows.Err() == nil {
		return nil, diag.Errorf(diag.Pos{}, "no-batches", "%s cannot be gone through in batches: it has no primary key", table).
			WithHint("leave out the comment %s, and let the statement run as one", dialect.BatchMark)
	}
	return out, rows.Err()
}

func unquoted(name string) string { return strings.ReplaceAll(strings.Trim(name, "`"), "``", "`") }

type batch struct {
	*session
	dialect.Batches // by rows
	lead            string
	key             []keyPart
}

// pass goes through all pages once.
func (b *batch) pass(ctx context.Context) error {
	var from []string // the key that the page before ended with, as literals
	for {
		start := time.Now()
		to, err := b.end(ctx, from)
		if err != nil {
			return err
		}
		cond := b.bounds(from, to)
		if cond != "" {
			cond = " AND " + cond
		}
		if err := b.patiently(ctx, b.lead+cond); err != nil || to == nil {
			return err
		}
		from = to
		if err := b.Next(ctx, time.Since(start)); err != nil {
			return err
		}
	}
}

// end finds the last key of the next page; nil: there are fewer rows left.
func (b *batch) end(ctx context.Context, from []string) ([]string, error) {
	var columns, order []string
	for _, p := range b.key {
		columns = append(columns, p.shown())
		order = append(order, ident(p.name))
	}
	where := b.bounds(from, nil)
	if where != "" {
		where = " WHERE " + where
	}
	query := fmt.Sprintf("SELECT %s FROM %s FORCE INDEX (PRIMARY)%s ORDER BY %s LIMIT 1 OFFSET %d", strings.Join(columns, ", "), b.Table, where, strings.Join(order, ", "), b.Step-1)
	values := make([]sql.NullString, len(b.key))
	dest := make([]any, len(values))
	for i := range values {
		dest[i] = &values[i]
	}
	err := b.conn.QueryRowContext(ctx, query).Scan(dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, b.flavor.fault(err, query)
	}
	out := make([]string, len(values))
	for i, p := range b.key {
		out[i] = p.literal(values[i].String)
	}
	return out, nil
}

// shown is how a column of the key is read, so that no setting of the connection changes it.
func (p keyPart) shown() string {
	switch t := parseType(p.typ); {
	case t.isBinary():
		return "HEX(" + ident(p.name) + ")"
	case t.isText():
		return "HEX(CONVERT(" + ident(p.name) + " USING utf8mb4))"
	}
	return "CAST(" + ident(p.name) + " AS CHAR)"
}

// literal is what shown showed.
func (p keyPart) literal(value string) string {
	switch t := parseType(p.typ); {
	case t.isBinary():
		return "X'" + value + "'"
	case t.isText(): // a literal, which takes the collation of the column
		return "_utf8mb4 X'" + value + "'"
	case t.isTime():
		return literal(value)
	}
	return value
}

// bounds is the condition under which a row is behind one key and not behind another. Comparisons of lists of columns do
// not use the key (MySQL manual, "Range Optimization of Row Constructor Expressions").
func (b *batch) bounds(from, to []string) string {
	var out []string
	if from != nil {
		out = append(out, b.beyond(from, ">", ">"))
	}
	if to != nil {
		out = append(out, b.beyond(to, "<", "<="))
	}
	return strings.Join(out, " AND ")
}

// beyond compares the key with a value: a > 1, or a >= 1 AND (a > 1 OR b > 2).
func (b *batch) beyond(value []string, strict, last string) string {
	n := len(b.key) - 1
	cond := ident(b.key[n].name) + " " + last + " " + value[n]
	for i := n - 1; i >= 0; i-- {
		column := ident(b.key[i].name) + " "
		cond = column + strict + "= " + value[i] + " AND (" + column + strict + " " + value[i] + " OR " + cond + ")"
	}
	return cond
}

// patiently runs a batch, again if others were in its way. A batch is short: it is not cut off.
func (b *batch) patiently(ctx context.Context, text string) error {
	whole := context.WithoutCancel(ctx)
	err := b.Patiently(ctx, func() (int64, error) {
		result, err := b.conn.ExecContext(whole, text)
		if err == nil {
			n, _ := result.RowsAffected() // the driver always knows
			return n, nil
		}
		if err = b.flavor.fault(err, text); b.Transient(err) {
			if back := b.Exec(whole, "ROLLBACK"); back != nil {
				return 0, back
			}
		}
		return 0, err
	}, b.Transient)
	if err != nil {
		return err
	}
	return b.Exec(whole, "COMMIT")
}
