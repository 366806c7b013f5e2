package mysql

import (
	"regexp"
	"slices"

	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// A table with a zero date as a default, such as those of WordPress, takes no ALTER under the servers' usual sql_mode, whatever
// that is about (MySQL manual, "Server SQL Modes", NO_ZERO_DATE). Its statements run without that part of the mode.

// zeroDates is the setting of steps that must be let have them.
const zeroDates = "zero dates"

var zeroDate = regexp.MustCompile(`^'(?:0000-|\d{4}-00-|\d{4}-\d\d-00)`)

const (
	letDates = "SET @schemactl_dates_mode = @@sql_mode, " +
		"SESSION sql_mode = REPLACE(REPLACE(REPLACE(@@sql_mode, 'NO_ZERO_IN_DATE', ''), 'NO_ZERO_DATE', ''), 'TRADITIONAL', 'STRICT_ALL_TABLES')"
	endDates = "SET SESSION sql_mode = COALESCE(@schemactl_dates_mode, @@sql_mode)"
)

// letZeroDates marks the steps on tables that have such defaults, before or after.
func letZeroDates(c *kind.Context, steps []*plan.Step) {
	tables := map[object.ID]bool{}
	for _, s := range []*object.State{c.From, c.To} {
		for _, o := range s.Kind("column") {
			v, ok := o.Value.(*Column)
			if ok && zeroDate.MatchString(v.Default) && parseType(v.Type).isTime() {
				tables[o.Parent] = true
			}
		}
	}
	if len(tables) == 0 {
		return
	}
	for _, s := range steps {
		if s.Op == plan.Drop && s.ID.Kind == "table" {
			continue
		}
		table := s.ID
		if table.Kind != "table" && table.Table != "" {
			table = tableID(table.Schema, table.Table)
		}
		if tables[table] && s.ID.Kind != "trigger" {
			s.Setting = zeroDates
		}
	}
}

// withSettings puts what steps need set around them.
func withSettings(steps []*plan.Step) []*plan.Step {
	var out []*plan.Step
	for i, s := range steps {
		if s.Setting != zeroDates {
			out = append(out, s)
			continue
		}
		frame := func(sql, comment string) {
			out = append(out, &plan.Step{ID: s.ID, Owner: s.Owner, Op: s.Op, Pos: s.Pos, SQL: sql, Comment: comment, UndoneAlong: true})
		}
		if i == 0 || steps[i-1].Setting != zeroDates {
			frame(letDates, "the table has a zero date as a default, which sql_mode may refuse")
		}
		if len(s.Reverse) > 0 && s.Reverse[0] != letDates {
			s.Reverse = slices.Concat([]string{letDates}, s.Reverse, []string{endDates})
		}
		out = append(out, s)
		if i == len(steps)-1 || steps[i+1].Setting != zeroDates {
			frame(endDates, "back to the session's own sql_mode")
		}
	}
	return out
}
