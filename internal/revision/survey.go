// Package revision brings migrations into databases: it decides from a directory and a history what is pending, runs
// it, and keeps the history true. Deciding is pure; running is a thin edge over a dialect's session.
package revision

import (
	"fmt"
	"slices"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/migrate"
)

// Survey is a directory held against the history of a database.
type Survey struct {
	Dir       *migrate.Dir
	Revisions []dialect.Revision // in the order of their versions
	// Last is the revision that stands last; nil: there is none.
	Last *dialect.Revision

	Partial    []*migrate.File    // begun, and not done
	Undoing    []dialect.Revision // being undone, and not gone
	OutOfOrder []*migrate.File    // not applied, and before the last revision
	Next       []*migrate.File    // after the last revision
	Repeat     []*migrate.File    // repeatable ones that are new or have changed
	Edited     []*migrate.File    // applied, and not what they were then
	Missing    []dialect.Revision // without a file

	files  map[string]*migrate.File // by version
	places map[string]int           // of the versions of files and revisions, as Dir.Place tells them
	of     map[string]int           // the index of the revision of a version
	floor  int                      // the place up to which a baseline or a checkpoint stands for files; -1: there is none
}

// Look surveys a directory and a history.
func Look(d *migrate.Dir, revisions []dialect.Revision) (*Survey, error) {
	s := &Survey{
		Dir: d, Revisions: slices.Clone(revisions),
		files: map[string]*migrate.File{}, places: map[string]int{}, of: map[string]int{},
	}
	for i, f := range d.Files {
		s.files[f.Version], s.places[f.Version] = f, 2*i+1
	}
	slices.SortStableFunc(s.Revisions, func(a, b dialect.Revision) int { return s.place(a.Version) - s.place(b.Version) })
	for i := range s.Revisions {
		s.of[s.Revisions[i].Version] = i
	}
	hashes, err := hashesOf(d)
	if err != nil {
		return nil, err
	}
	last := s.bounds()
	for _, f := range d.Files {
		r, place := s.Of(f), s.place(f.Version)
		switch {
		case f.Repeatable:
			if r == nil || r.Partial() || r.Hash != hashes.own(f) {
				s.Repeat = append(s.Repeat, f)
			}
		case r != nil && r.Type&dialect.Undoing != 0:
		case r != nil && r.Partial():
			s.Partial = append(s.Partial, f)
		case r != nil, f.Checkpoint:
		case place > last:
			s.Next = append(s.Next, f)
		case place > s.floor:
			s.OutOfOrder = append(s.OutOfOrder, f)
		}
	}
	for _, r := range s.Revisions {
		if r.Type&dialect.Undoing != 0 {
			s.Undoing = append(s.Undoing, r)
		}
		if s.files[r.Version] == nil {
			s.Missing = append(s.Missing, r)
		}
	}
	s.Edited = hashes.edited(s)
	return s, nil
}

// Of is the revision of a file, or nil.
func (s *Survey) Of(f *migrate.File) *dialect.Revision {
	if i, ok := s.of[f.Version]; ok {
		return &s.Revisions[i]
	}
	return nil
}

// File is the file of a version, or nil.
func (s *Survey) File(version string) *migrate.File { return s.files[version] }

// place is where a version stands in the order of the files.
func (s *Survey) place(version string) int {
	p, known := s.places[version]
	if !known {
		p = s.Dir.Place(version)
		s.places[version] = p
	}
	return p
}

// bounds finds the last revision and its place. What stands before the first is part of it where that is a baseline or a
// checkpoint; no other one tells that files before it have run.
func (s *Survey) bounds() (last int) {
	s.floor, last = -1, -1
	for i := range s.Revisions {
		r := &s.Revisions[i]
		if s.repeatable(r.Version) {
			continue
		}
		place, f := s.place(r.Version), s.files[r.Version]
		if s.Last == nil && (r.Type&dialect.Baseline != 0 || f != nil && f.Checkpoint) {
			s.floor = place
		}
		s.Last, last = r, place
	}
	return last
}

func (s *Survey) repeatable(version string) bool {
	f := s.files[version]
	return f != nil && f.Repeatable
}

// Pending are the files that are not applied, in the order in which they would run.
func (s *Survey) Pending() []*migrate.File {
	out := slices.Concat(s.Partial, s.OutOfOrder, s.Next, s.Repeat)
	if s.Last == nil {
		out = slices.Clone(s.Dir.Fresh())
	}
	return out
}

// TypeName is the name of a type of revisions, as Atlas has it.
func TypeName(t dialect.RevisionType) string {
	switch t {
	case dialect.Baseline:
		return "baseline"
	case dialect.Executed:
		return "applied"
	case dialect.Resolved:
		return "manually set"
	case dialect.Executed | dialect.Resolved:
		return "applied + manually set"
	}
	if t&dialect.Undoing != 0 {
		return "being undone"
	}
	return fmt.Sprintf("type %d", t)
}
