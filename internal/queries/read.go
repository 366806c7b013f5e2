package queries

import (
	"context"
	"path/filepath"
	"strings"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/engine"
	"github.com/schemactl/schemactl/internal/plan"
)

// Read reads the queries of files, of folders, and of the live server's own record, which has the name that the dialect
// gives it.
func Read(ctx context.Context, job *engine.Job, names []string) (*List, error) {
	r := &reader{dialect: job.Dialect, list: &List{}}
	recorder, _ := job.Session.(dialect.Recorder)
	record := ""
	if d, ok := job.Dialect.(dialect.Records); ok {
		record = d.Record()
	}
	if recorder != nil {
		var err error
		if r.path, err = recorder.QueryPath(ctx); err != nil {
			return nil, err
		}
	}
	for _, name := range names {
		var err error
		switch {
		case name == record && recorder != nil:
			err = r.readRecord(ctx, recorder, job.Scope, record)
		case filepath.Ext(name) == "" && !strings.ContainsAny(name, "/\\") && !exists(name):
			err = diag.Errorf(diag.Pos{}, "bad-flag", "--queries %s is neither a file nor what this server calls its record of queries", name).
				WithHint("give a file or folder of SQL, or %s", record)
		default:
			err = r.readFile(name)
		}
		if err != nil {
			return nil, err
		}
	}
	return r.list, nil
}

func exists(name string) bool {
	_, err := filesOf(name)
	return err == nil
}

type reader struct {
	dialect dialect.Dialect
	path    string // what names without a schema mean
	list    *List
}

// readRecord takes what the server has recorded; one text is asked once.
func (r *reader) readRecord(ctx context.Context, from dialect.Recorder, scope dialect.Scope, name string) error {
	record, err := from.Recorded(ctx, scope)
	if err != nil {
		return err
	}
	source := plan.QuerySource{Name: name}
	left := leftOut{}
	for _, l := range record.Left {
		left.list = append(left.list, plan.QueryLeftOut(l))
	}
	type key struct{ path, text string }
	seen := map[key]int{}
	for _, q := range record.Queries {
		if !isQuery(q.Text) {
			left.add("not a query", "")
			continue
		}
		if q.Asked.Path == "" {
			q.Asked.Path = r.path
		}
		k := key{q.Asked.Path, q.Text}
		if at, again := seen[k]; again {
			r.list.Queries[at].Calls += q.Calls
			continue
		}
		seen[k] = len(r.list.Queries)
		source.Queries++
		r.list.Queries = append(r.list.Queries, Query{Name: q.ID, Source: name, Text: q.Text, Calls: q.Calls, Asked: q.Asked})
	}
	source.Left = left.list
	r.list.Sources = append(r.list.Sources, source)
	return nil
}
