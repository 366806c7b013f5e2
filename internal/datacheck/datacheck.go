// Package datacheck asks the rows of a database what a plan must know before it runs: whether there are any that the
// server would refuse its statements for. It reads only, within a budget, and knows no dialect.
package datacheck

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/plan"
)

// Budget limits what the checks may cost, and what they show.
type Budget struct {
	Time     time.Duration // of each query
	Rows     int64         // tables of more rows, as the server estimates, are not read; 0: any is
	Examples int           // how many keys of rows are shown; 0: none, and no value of any row
}

// Run asks all checks of a plan and writes the answers into it.
func Run(ctx context.Context, s dialect.Session, p *plan.Plan, b Budget) error {
	r, ok := s.(dialect.Reader)
	for i := range p.Checks {
		c := &p.Checks[i]
		if !ok {
			c.Result = &plan.CheckResult{NotChecked: "this sort of connection reads no rows"}
			continue
		}
		var err error
		if c.Result, err = ask(ctx, r, c, b); err != nil {
			return fmt.Errorf("check that %s: %w", c.Demand, err)
		}
	}
	return nil
}

func ask(ctx context.Context, r dialect.Reader, c *plan.Check, b Budget) (*plan.CheckResult, error) {
	if c.SQL == "" {
		return &plan.CheckResult{NotChecked: "no query tells; the server will"}, nil
	}
	if b.Rows > 0 {
		if n, known, err := r.Estimate(ctx, c.Table); err == nil && known && n > b.Rows {
			return &plan.CheckResult{NotChecked: fmt.Sprintf("the table has about %d rows, and --check-rows allows %d", n, b.Rows)}, nil
		}
	}
	q := question{Reader: r, Check: c, budget: b}
	if c.Converts {
		return q.convert(ctx)
	}
	return q.count(ctx)
}

type question struct {
	dialect.Reader
	*plan.Check
	budget Budget
}

// convert runs a query that reads all rows: what counts is whether the server refuses a value.
func (q question) convert(ctx context.Context) (*plan.CheckResult, error) {
	err := q.Read(ctx, q.budget.Time, q.SQL, func([]string, []*string) error { return nil })
	return q.answer(&plan.CheckResult{}, err)
}

// refusal is what the server says, which may quote a value.
func (q question) refusal(err error) string {
	var d *diag.Diagnostic
	if !errors.As(err, &d) {
		return err.Error()
	}
	if q.budget.Examples == 0 {
		return "the server refuses a value (" + d.Code + ")"
	}
	return d.Message
}

// count counts what is found and takes some of it for examples. Where the time is too short to count, the first that is
// found is enough.
func (q question) count(ctx context.Context) (*plan.CheckResult, error) {
	res := &plan.CheckResult{}
	err := q.Read(ctx, q.budget.Time, "SELECT count(*) FROM ("+q.SQL+") AS found", func(_ []string, values []*string) (err error) {
		res.Found, err = strconv.ParseInt(*values[0], 10, 64)
		return err
	})
	if err == nil {
		if res.Found == 0 || q.budget.Examples == 0 {
			return res, nil
		}
		if err := q.examples(ctx, res, true); err != nil && ctx.Err() == nil { // no order, such as that of JSON
			_ = q.examples(ctx, res, false)
		}
		return res, ctx.Err()
	}
	if !errors.Is(err, dialect.ErrCut) {
		return q.answer(res, err)
	}
	n, err := q.some(ctx, res)
	if err == nil && n == 0 {
		return res, nil
	}
	res.Found, res.AtLeast = n, true
	return q.answer(res, err)
}

// examples reads the keys of some rows.
func (q question) examples(ctx context.Context, res *plan.CheckResult, ordered bool) error {
	query := q.SQL
	if ordered {
		query = "SELECT * FROM (" + q.SQL + ") AS found ORDER BY 1"
	}
	_, err := q.take(ctx, res, query, q.budget.Examples)
	return err
}

// some looks for a few rows without counting them.
func (q question) some(ctx context.Context, res *plan.CheckResult) (int64, error) {
	n, err := q.take(ctx, res, q.SQL, max(1, q.budget.Examples))
	if q.budget.Examples == 0 {
		res.Columns, res.Examples = nil, nil
	}
	return n, err
}

func (q question) take(ctx context.Context, res *plan.CheckResult, query string, limit int) (n int64, err error) {
	res.Examples = nil
	err = q.Read(ctx, q.budget.Time, query+" LIMIT "+strconv.Itoa(limit), func(columns []string, values []*string) error {
		res.Columns = columns
		res.Examples = append(res.Examples, values)
		n++
		return nil
	})
	return n, err
}

// answer tells faults of the query apart from those of the connection.
func (q question) answer(res *plan.CheckResult, err error) (*plan.CheckResult, error) {
	var d *diag.Diagnostic
	switch {
	case err == nil:
		return res, nil
	case errors.Is(err, dialect.ErrValues), q.Converts && errors.Is(err, dialect.ErrUnreadable):
		return &plan.CheckResult{Refusal: q.refusal(err)}, nil
	case errors.Is(err, dialect.ErrCut):
		return &plan.CheckResult{NotChecked: fmt.Sprintf("%s were not enough; --check-timeout gives more", q.budget.Time)}, nil
	case errors.Is(err, dialect.ErrNoColumn):
		return &plan.CheckResult{NotChecked: "the question is wrong, which is a fault of schemactl's, please report it: " + firstLine(err)}, nil
	case errors.Is(err, dialect.ErrMissing):
		return &plan.CheckResult{NotChecked: "it rests on what the plan makes first: " + firstLine(err)}, nil
	case errors.As(err, &d):
		return &plan.CheckResult{NotChecked: "the server says: " + q.refusal(err)}, nil
	}
	return nil, err
}

func firstLine(err error) string {
	var d *diag.Diagnostic
	text := err.Error()
	if errors.As(err, &d) {
		text = d.Message
	}
	text, _, _ = strings.Cut(text, "\n")
	return text
}
