package engine

import (
	"errors"
	"slices"

	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
)

// SkipRule is a line of diff { skip { … } }: changes of that sort are left out of plans.
type SkipRule struct {
	Action string // add, drop or modify
	Kind   string // "table", "column", "index", …
}

// name is how the project file spells the rule.
func (r SkipRule) name() string { return "diff.skip " + r.Action + "_" + r.Kind }

func joinDone(err error, done func() error) error { return errors.Join(err, done()) }

// revisions is the table, and the schema, in which Atlas and schemactl keep the history of migrations.
const revisions = "atlas_schema_revisions"

func isHistory(o *object.Object) bool {
	return o.ID.Schema == revisions || o.ID.Name == revisions && o.ID.Table == ""
}

// withoutHistory leaves the history of migrations alone: no desired state declares it, and none means to drop it.
func withoutHistory(s *object.State) *object.State {
	if !slices.ContainsFunc(s.All(), isHistory) {
		return s
	}
	return s.Filter(func(o *object.Object) (bool, string) {
		return !isHistory(o), "default: it is the history of migrations"
	})
}

// selected leaves what the user's patterns exclude to the ledger, and the history of migrations.
func (j *Job) selected(s *object.State) *object.State {
	s = withoutHistory(s)
	if len(j.request.Include) == 0 && len(j.request.Exclude) == 0 {
		return s
	}
	return s.Filter(func(o *object.Object) (bool, string) {
		if !o.Parent.IsZero() {
			return j.matcher.MatchPart(o.ID.Kind, o.ID.Schema, o.Parent.Kind, o.ID.Table, o.ID.Name)
		}
		return j.matcher.Match(o.ID.Kind, o.ID.Schema, o.ID.Table, o.ID.Name)
	})
}

// managed leaves the kinds that the user leaves alone to the ledger.
func (j *Job) managed(s *object.State) *object.State {
	if len(j.alone) == 0 {
		return s
	}
	return s.Filter(func(o *object.Object) (bool, string) {
		rule, alone := j.alone[o.ID.Kind]
		return !alone, rule
	})
}

// skip takes the changes out that a rule names, with the parts of skipped objects, and puts them into the ledger.
func skip(changes []kind.Change, rules []SkipRule) ([]kind.Change, []object.Entry) {
	if len(rules) == 0 {
		return changes, nil
	}
	byID := make(map[object.ID]*kind.Change, len(changes))
	for i := range changes {
		byID[changes[i].ID] = &changes[i]
	}
	var ledger []object.Entry
	kept := slices.DeleteFunc(slices.Clone(changes), func(c kind.Change) bool {
		rule, own := ruleFor(c, rules, byID)
		if rule != "" && own {
			ledger = append(ledger, object.Entry{
				Kind: c.ID.Kind, Name: c.ID.Path(), Status: object.Ignored, Reason: rule,
			})
		}
		return rule != ""
	})
	return kept, ledger
}

// ruleFor finds the rule that skips a change: its own, or that of the parent which comes or goes with it. A change of
// a part that is no kind of its own to the rules, such as a default, modifies its parent.
func ruleFor(c kind.Change, rules []SkipRule, byID map[object.ID]*kind.Change) (rule string, own bool) {
	for _, r := range rules {
		if r.Kind == c.ID.Kind && r.matches(c.Action) {
			return r.name(), true
		}
	}
	parent := c.To
	if parent == nil {
		parent = c.From
	}
	if p, ok := byID[parent.Parent]; ok && p.Action == c.Action {
		rule, _ = ruleFor(*p, rules, byID)
		return rule, false
	}
	for _, r := range rules {
		if r.Action == "modify" && r.Kind == parent.Parent.Kind && partOnly(c.ID.Kind) {
			return r.name(), true
		}
	}
	return "", false
}

// partOnly lists the kinds that users know as attributes of another.
func partOnly(kindName string) bool {
	return kindName == "default" || kindName == "comment"
}

func (r SkipRule) matches(a kind.Action) bool {
	switch a {
	case kind.Add:
		return r.Action == "add"
	case kind.Drop:
		return r.Action == "drop"
	}
	return r.Action == "modify"
}
