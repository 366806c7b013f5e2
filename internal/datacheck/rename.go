package datacheck

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// sampled is how many rows are looked at to describe what an object holds.
const sampled = 10000

// Facts says in a sentence what a table or column holds, from a sample of its rows; "" for objects without rows, and
// where the sample cannot be taken.
func Facts(ctx context.Context, s dialect.Session, id object.ID, b Budget) (string, error) {
	r, ok := s.(dialect.Reader)
	if !ok {
		return "", nil
	}
	table, value, ok := r.Values(id)
	if !ok {
		return "", nil
	}
	rows := "(SELECT " + orOne(value) + " AS v FROM " + table + " LIMIT " + strconv.Itoa(sampled) + ") AS sample"
	var count, filled, distinct int64
	err := r.Read(ctx, b.Time, "SELECT count(*), count(v), count(DISTINCT v) FROM "+rows, func(_ []string, v []*string) error {
		return errors.Join(number(v[0], &count), number(v[1], &filled), number(v[2], &distinct))
	})
	if err != nil {
		return "", unlessRefused(err)
	}
	of := id.String()
	switch {
	case count == 0:
		return of + " has no rows: nothing is lost either way", nil
	case value == "":
		return of + " has " + many(count) + ", which a rename keeps", nil
	case filled == 0:
		return fmt.Sprintf("%s is NULL in all of %s: nothing is lost either way", of, many(count)), nil
	}
	facts := fmt.Sprintf("%s, which a rename keeps, holds values in %d of %s, %d of them different", of, filled, many(count), distinct)
	examples, err := values(ctx, r, rows, b)
	if len(examples) > 0 {
		facts += ", as in " + strings.Join(examples, ", ")
	}
	return facts, err
}

func orOne(value string) string {
	if value == "" {
		return "1"
	}
	return value
}

func many(n int64) string {
	switch {
	case n == 1:
		return "1 row"
	case n >= sampled:
		return fmt.Sprintf("the first %d rows", n)
	}
	return fmt.Sprintf("%d rows", n)
}

func number(text *string, to *int64) (err error) {
	*to, err = strconv.ParseInt(*text, 10, 64)
	return err
}

// values are some of the values, if the user wants to see any.
func values(ctx context.Context, r dialect.Reader, rows string, b Budget) (out []string, err error) {
	if b.Examples == 0 {
		return nil, nil
	}
	query := "SELECT DISTINCT v FROM " + rows + " WHERE v IS NOT NULL ORDER BY v LIMIT " + strconv.Itoa(b.Examples)
	err = r.Read(ctx, b.Time, query, func(_ []string, v []*string) error {
		text := []rune(*v[0])
		if len(text) > 40 {
			text = append(text[:40], '…')
		}
		out = append(out, strconv.Quote(string(text)))
		return nil
	})
	return out, unlessRefused(err)
}

// unlessRefused keeps faults of the connection: what the server refuses to tell is not known, and no fault.
func unlessRefused(err error) error {
	var d *diag.Diagnostic
	if errors.As(err, &d) {
		return nil
	}
	return err
}

// Demands asks what a plan would ask that takes two objects for one, besides what it asks otherwise, and says in a
// sentence how that went.
func Demands(ctx context.Context, s dialect.Session, without, with *plan.Plan, b Budget) (string, error) {
	known := func(c plan.Check) bool {
		return slices.ContainsFunc(without.Checks, func(o plan.Check) bool { return o.SQL == c.SQL })
	}
	more := &plan.Plan{Checks: slices.DeleteFunc(slices.Clone(with.Checks), known)}
	if len(more.Checks) == 0 {
		return "", nil
	}
	if err := Run(ctx, s, more, b); err != nil {
		return "", err
	}
	failed := more.FailedChecks()
	if len(failed) == 0 {
		return "; they satisfy what is demanded under the new name", nil
	}
	var demands []string
	for _, c := range failed {
		demands = append(demands, c.Demand)
	}
	return "; they do not satisfy what is demanded under the new name: " + strings.Join(demands, "; "), nil
}
