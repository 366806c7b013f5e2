package plan

import (
	"slices"

	"github.com/schemactl/schemactl/internal/object"
)

// Segmented groups the ordered steps: steps that a transaction can hold run in one, broken where a step must commit
// before the next, or cannot run in a transaction at all. A transaction ends, too, before it would keep a table that
// others use locked for the sake of another table, and around steps that are to stand alone; but never between the drop
// of an object and the step that makes it again.
func Segmented(steps []*Step) []Segment {
	s := segmenter{within: replaced(steps)}
	for i, step := range steps {
		s.add(i, step)
	}
	return s.out
}

type segmenter struct {
	out    []Segment
	open   bool
	busy   []object.ID // what the open segment keeps locked
	within []bool      // whether a transaction may not end before each step
}

func (s *segmenter) add(i int, step *Step) {
	if step.NoTx {
		s.out, s.open = append(s.out, Segment{Steps: []*Step{step}}), false
		return
	}
	if s.open && s.parts(i, step) {
		s.open = false
	}
	if !s.open {
		s.out, s.open, s.busy = append(s.out, Segment{Transactional: true}), true, nil
	}
	last := &s.out[len(s.out)-1]
	last.Steps = append(last.Steps, step)
	s.busy = union(s.busy, step.Busy)
	if step.CommitAfter || step.Alone && !s.isWithin(i+1) {
		s.open = false
	}
}

// parts reports whether the step begins another transaction than the one that is open.
func (s *segmenter) parts(i int, step *Step) bool {
	if s.isWithin(i) {
		return false
	}
	if step.Alone {
		return true
	}
	kept := func(id object.ID) bool { return slices.Contains(s.busy, id) }
	return len(s.busy) > 0 && (len(step.Busy) == 0 || slices.ContainsFunc(step.Busy, func(id object.ID) bool { return !kept(id) }))
}

func (s *segmenter) isWithin(i int) bool { return i < len(s.within) && s.within[i] }

// replaced tells before which steps an object is gone that a later step makes again.
func replaced(steps []*Step) []bool {
	out := make([]bool, len(steps))
	gone := map[object.ID]int{}
	for i, s := range steps {
		for _, id := range s.ids(Create) {
			if from, ok := gone[id]; ok {
				for j := from + 1; j <= i; j++ {
					out[j] = true
				}
			}
		}
		for _, id := range union(s.ids(Drop), s.Drops) {
			gone[id] = i
		}
	}
	return out
}

// ids lists the objects, its own and those of its parts, that the step does op to.
func (s *Step) ids(op Op) []object.ID {
	var out []object.ID
	if s.Op == op {
		out = append(out, s.ID)
	}
	for _, p := range s.Parts {
		if p.Op == op {
			out = append(out, p.ID)
		}
	}
	return out
}

// union lists the objects of both, each once.
func union(a, b []object.ID) []object.ID {
	for _, id := range b {
		if !slices.Contains(a, id) {
			a = append(slices.Clip(a), id)
		}
	}
	return a
}
