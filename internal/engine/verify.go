package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/source"
)

// Remaining plans again after an apply; the plan is empty when the database is in the desired state.
func (j *Job) Remaining(ctx context.Context, desired *object.State) (*plan.Plan, error) {
	current, err := j.Current(ctx)
	if err != nil {
		return nil, err
	}
	return j.rest(ctx, current, desired)
}

func (j *Job) rest(ctx context.Context, current, desired *object.State) (*plan.Plan, error) {
	o, err := j.limits(ctx, desired)
	if err != nil {
		return nil, err
	}
	wanted := &source.Desired{State: desired}
	if j.reads != nil {
		wanted, o.complete = j.reads, j.complete
	}
	r, err := diff(j.Dialect, current, wanted, o)
	if err != nil {
		return nil, err
	}
	return r.Plan, nil
}

// CheckSaved refuses a saved plan that was made for another database or state. Where the sources are at hand, the
// desired state must be the same too.
func (j *Job) CheckSaved(ctx context.Context, p *plan.Plan, sources bool) error {
	if have := j.Session.Server().Identity; p.Dialect != j.Dialect.Name() || p.Server != have {
		return diag.Errorf(diag.Pos{}, "other-database", "the plan was made for another database").
			WithHint("plan again for this one")
	}
	current, err := j.Current(ctx)
	if err != nil {
		return err
	}
	found, err := j.Dialect.Kinds().Fingerprint(current)
	if err != nil {
		return err
	}
	if found != p.Current {
		return diag.Errorf(diag.Pos{}, "database-changed", "the database has changed since the plan was made").
			WithHint("plan again and review what is different")
	}
	return j.checkSources(ctx, p, sources)
}

// checkSources compares the desired state with the plan's: the one that the flags name, else the files that the plan
// was made of, as long as they are there.
func (j *Job) checkSources(ctx context.Context, p *plan.Plan, named bool) error {
	changed := diag.Errorf(diag.Pos{}, "desired-changed", "the desired state has changed since the plan was made").
		WithHint("plan again and review what is different")
	if named {
		now, err := j.Plan(ctx)
		if err != nil {
			return err
		}
		wanted, err := j.Dialect.Kinds().Fingerprint(now.Desired)
		if err != nil {
			return err
		}
		if wanted != p.Desired {
			return changed
		}
		return nil
	}
	switch digest, err := source.Digest(p.Sources, j.request.Data); {
	case err != nil:
		j.engine.Notify("note: the files that the plan was made of are not here, so whether they changed is not checked")
	case digest != p.Digest:
		return changed
	}
	return nil
}

// RedactSources hides the secrets of sources that are databases.
func RedactSources(sources []string) []string {
	out := slices.Clone(sources)
	for i, s := range out {
		if u, err := dburl.Parse(s); err == nil && dburl.Is(s) {
			out[i] = u.Redacted()
		}
	}
	return out
}

// WriteRepro describes the remaining differences in a file, with all names replaced, and returns its name.
func (j *Job) WriteRepro(rest *plan.Plan) (string, error) {
	data, err := json.MarshalIndent(struct {
		Server  string        `json:"server"`
		Changes []plan.Change `json:"changes"`
		SQL     []string      `json:"sql"`
	}{Describe(j.Session.Server()), rest.Changes, statements(rest)}, "", "  ")
	if err != nil {
		return "", err
	}
	f, err := os.CreateTemp(".", "schemactl-repro-*.json")
	if err != nil {
		return "", fmt.Errorf("write the repro file: %w", err)
	}
	_, err = f.WriteString(anonymise(string(data), rest))
	return f.Name(), joinDone(err, f.Close)
}

func statements(p *plan.Plan) []string {
	var out []string
	for _, s := range p.Steps() {
		out = append(out, s.SQL)
	}
	return out
}

var (
	word    = regexp.MustCompile(`[\pL_][\pL\pN_$]*`)
	quoted  = regexp.MustCompile(`'(?:[^']|'')*'`)
	comment = regexp.MustCompile(`"file": "[^"]*"`)
)

// anonymise replaces the names of all objects and the contents of all literals.
func anonymise(text string, p *plan.Plan) string {
	alias := map[string]string{}
	for _, c := range p.Changes {
		for _, n := range []string{c.ID.Schema, c.ID.Table, c.ID.Name} {
			for _, w := range word.FindAllString(n, -1) {
				if alias[w] == "" {
					alias[w] = fmt.Sprintf("n%d", len(alias)+1)
				}
			}
		}
	}
	text = quoted.ReplaceAllStringFunc(text, func(s string) string { return "'" + strings.Repeat("x", min(3, len(s)-2)) + "'" })
	text = comment.ReplaceAllString(text, `"file": "schema"`)
	return word.ReplaceAllStringFunc(text, func(w string) string {
		if a, ok := alias[w]; ok && !reserved(w) {
			return a
		}
		return w
	})
}

// reserved keeps the words of the file's own structure readable.
func reserved(w string) bool {
	return slices.Contains([]string{
		"server", "changes", "sql", "action", "object", "kind", "schema", "table", "name", "attributes", "from", "to",
		"reason", "pos", "file", "line", "column", "index", "type", "default", "public",
	}, w)
}
