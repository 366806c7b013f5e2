package revision

import "github.com/schemactl/schemactl/internal/migrate"

// Standing is where a history says that its database is.
type Standing struct {
	// Files are what an empty database runs to be there, in order. What is pending is no part of them.
	Files []*migrate.File
	// Half counts the statements that are done of the last file; 0: all.
	Half int
	// Version is the last one; empty: none is applied.
	Version string
}

// Standing tells where the database is by its history.
func (s *Survey) Standing() (Standing, error) {
	rows := s.Revisions[:0:0]
	for _, r := range s.Revisions {
		if !s.repeatable(r.Version) {
			rows = append(rows, r)
		}
	}
	if len(rows) == 0 {
		return Standing{}, nil
	}
	u := &Undo{}
	if err := u.states(s, rows); err != nil {
		return Standing{}, err
	}
	out := Standing{Files: u.Now, Version: rows[len(rows)-1].Version}
	if u.Half != nil {
		out.Half = u.Half.Applied
		if out.Half == 0 {
			out.Files = u.withoutHalf()
		}
	}
	return out, nil
}

// withoutHalf leaves out the migration that was begun, and of which no statement is done.
func (u *Undo) withoutHalf() []*migrate.File {
	var out []*migrate.File
	for _, f := range u.Now {
		if f.Version != u.Half.Version {
			out = append(out, f)
		}
	}
	return out
}
