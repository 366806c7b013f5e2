package cli

import (
	"github.com/schemactl/schemactl/internal/revision"
	"github.com/schemactl/schemactl/internal/undo"
)

// undone is what a run of migrate down is to do, and what it did.
type undone struct {
	Migrations []undoneFile `json:"migrations"` // in the order in which they are undone
	Target     string       `json:"target"`     // the version that stays last; empty: none
	By         string       `json:"by"`         // files or plan
	Statements []string     `json:"statements"`
	Loses      []string     `json:"loses,omitempty"`
	Drift      []string     `json:"drift,omitempty"`
	Rows       []undoneRows `json:"rows,omitempty"` // statements whose work on rows stays
	Done       bool         `json:"done"`
	Millis     int64        `json:"milliseconds,omitempty"`
	Error      string       `json:"error,omitempty"`
	Failed     *undoneRows  `json:"failed,omitempty"` // the statement of the error
}

type undoneFile struct {
	Version string `json:"version"`
	Name    string `json:"name"`
}

type undoneRows struct {
	Place     string `json:"place,omitempty"`
	Statement string `json:"statement"`
}

func undoneOf(s *revision.Survey, u *revision.Undo, w *undo.Way) *undone {
	out := &undone{Migrations: []undoneFile{}, Statements: []string{}, By: "plan", Loses: w.Result.Plan.Losses(), Drift: w.Drift}
	if w.Own {
		out.By = "files"
	}
	if u.Target != nil {
		out.Target = u.Target.Version
	}
	for i := range u.Revisions {
		out.Migrations = append(out.Migrations, undoneFile{u.Revisions[i].Version, fileName(s, &u.Revisions[i])})
	}
	for _, m := range w.Migrations {
		for _, st := range m.SQL() {
			out.Statements = append(out.Statements, revision.Shown(st))
		}
	}
	for _, st := range w.Rows {
		out.Rows = append(out.Rows, undoneRows{st.Pos.String(), revision.Shown(st)})
	}
	return out
}

// report writes the result, where it is no text.
func (o *migrateDownOptions) report(out *undone) error {
	if o.out.name == "text" {
		return nil
	}
	return o.out.value(o.app.io.Out, out)
}

// fail takes an error into the result.
func (u *undone) fail(f *revision.Failure) {
	u.Error = f.Error()
	if f.Statement != nil {
		u.Failed = &undoneRows{f.Statement.Pos.String(), revision.Shown(*f.Statement)}
	}
}
