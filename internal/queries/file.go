package queries

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/disk"
	"github.com/schemactl/schemactl/internal/plan"
)

// mostPlaces is how many places of statements that are left out are named.
const mostPlaces = 5

// named is the comment by which sqlc and others name a query.
var named = regexp.MustCompile(`(?m)^\s*(?:--|#|/\*)\s*name:\s*([^\s:*]+)`)

// readFile reads the queries of a file, or of all files *.sql of a folder.
func (r *reader) readFile(name string) error {
	path := strings.TrimPrefix(name, "file://")
	paths, err := filesOf(path)
	if err != nil {
		return err
	}
	source := plan.QuerySource{Name: path}
	left := leftOut{}
	for _, p := range paths {
		text, err := disk.Read(p)
		if err != nil {
			return unreadable(p, err)
		}
		statements, err := r.dialect.Split(text, p)
		if err != nil {
			return err
		}
		for i := range statements {
			st := &statements[i]
			if !isQuery(st.SQL) {
				left.add("not a query", fmt.Sprintf("%s:%d", st.Pos.File, st.Pos.Line))
				continue
			}
			source.Queries++
			r.list.Queries = append(r.list.Queries, Query{
				Name: nameOf(st), Source: path, Pos: st.Pos, Text: st.SQL, Asked: dialect.Asked{SQL: st.SQL, Path: r.path},
			})
		}
	}
	source.Left = left.list
	r.list.Sources = append(r.list.Sources, source)
	return nil
}

func filesOf(path string) (out []string, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	err = filepath.WalkDir(path, func(p string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && strings.EqualFold(filepath.Ext(p), ".sql") {
			out = append(out, p)
		}
		return err
	})
	if err != nil {
		return nil, unreadable(path, err)
	}
	if len(out) == 0 {
		return nil, diag.Errorf(diag.Pos{File: path}, "no-queries", "the folder holds no *.sql")
	}
	return out, nil
}

func unreadable(path string, err error) error {
	if pe := (*fs.PathError)(nil); errors.As(err, &pe) {
		err = pe.Err
	}
	return diag.Errorf(diag.Pos{File: path}, "no-such-file", "the queries cannot be read: %v", err)
}

// nameOf is what the comment before a query calls it, else where it stands.
func nameOf(st *dialect.Statement) string {
	for _, c := range slices.Backward(st.Comments) {
		if m := named.FindStringSubmatch(c); m != nil {
			return m[1]
		}
	}
	return fmt.Sprintf("%s:%d", st.Pos.File, st.Pos.Line)
}

var leading = regexp.MustCompile(`^(?:\s+|\(|--[^\n]*(?:\n|$)|/\*[^!](?s:.*?)\*/)`)

// isQuery reports whether a statement reads or writes rows: only such are explained.
func isQuery(sql string) bool {
	for {
		m := leading.FindString(sql)
		if m == "" {
			break
		}
		sql = sql[len(m):]
	}
	end := strings.IndexFunc(sql, func(c rune) bool { return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') })
	if end < 0 {
		end = len(sql)
	}
	return slices.Contains([]string{"select", "insert", "update", "delete", "merge", "with", "values", "replace", "table"}, strings.ToLower(sql[:end]))
}

// leftOut counts what is left out, by reason.
type leftOut struct{ list []plan.QueryLeftOut }

func (l *leftOut) add(reason, place string) {
	i := slices.IndexFunc(l.list, func(q plan.QueryLeftOut) bool { return q.Reason == reason })
	if i < 0 {
		i = len(l.list)
		l.list = append(l.list, plan.QueryLeftOut{Reason: reason})
	}
	q := &l.list[i]
	q.Count++
	if place != "" && len(q.Places) < mostPlaces {
		q.Places = append(q.Places, place)
	}
}
