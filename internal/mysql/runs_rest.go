package mysql

import (
	"context"
	"database/sql"
	"regexp"
	"strings"

	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// completeRuns tells how the statements run that change no table's definition or no more than a name in it: renames,
// and what makes and drops objects. The steps know best of all others.
func (s *session) completeRuns(ctx context.Context, steps []*plan.Step) error {
	if s.variant.name != "" {
		return nil
	}
	renamed := map[object.ID][]*plan.Step{}
	for _, st := range steps {
		if st.Runs != nil {
			continue
		}
		if st.Runs = statementRuns(s.server.Planned(), st.SQL); st.Runs != nil && !st.Runs.Usual && strings.HasPrefix(st.SQL, "ALTER TABLE ") {
			table := tableOfStatement(st.SQL)
			renamed[table] = append(renamed[table], st)
		}
	}
	if len(renamed) == 0 {
		return nil
	}
	return s.each(ctx, "SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES WHERE ENGINE <> 'InnoDB' AND ("+s.anyOf(renamed)+")", func(r *sql.Rows) error {
		var db, name string
		if err := r.Scan(&db, &name); err != nil {
			return err
		}
		for id, list := range renamed {
			if !strings.EqualFold(s.databaseOf(id), db) || id.Name != name {
				continue
			}
			for _, st := range list { // a name stands in the dictionary only
				st.Runs = runsAs("I?")
			}
		}
		return nil
	})
}

var alteredTable = regexp.MustCompile("^ALTER TABLE (?:(`(?:[^`]|``)*`)\\.)?(`(?:[^`]|``)*`) ")

func tableOfStatement(text string) object.ID {
	m := alteredTable.FindStringSubmatch(text)
	if m == nil {
		return object.ID{}
	}
	unquote := func(s string) string {
		if s == "" {
			return ""
		}
		return strings.ReplaceAll(s[1:len(s)-1], "``", "`")
	}
	return tableID(unquote(m[1]), unquote(m[2]))
}

var (
	tableChange  = regexp.MustCompile("^ALTER TABLE (?:`(?:[^`]|``)*`\\.)?`(?:[^`]|``)*` (RENAME COLUMN|RENAME INDEX|ALTER COLUMN|ADD CONSTRAINT)\\b")
	ofDictionary = regexp.MustCompile(`^(?:CREATE|DROP|ALTER (?:DATABASE|SCHEMA|EVENT|VIEW|ALGORITHM|DEFINER|SQL|USER|SEQUENCE|FUNCTION|PROCEDURE)|GRANT|REVOKE|SET DEFAULT ROLE|RENAME TABLE)\b`)
	ofLiveTable  = regexp.MustCompile(`(?i)^(?:DROP (?:TABLE|VIEW|SEQUENCE|TRIGGER|DATABASE)|RENAME TABLE|CREATE (?:DEFINER=\S+ )?TRIGGER)\b`)
)

// statementRuns tells by its words how a statement runs; nil of what is not DDL. What is in the dictionary alone waits
// for open transactions on what it drops or renames, and nobody uses what is new (MySQL manual, "Metadata Locking").
func statementRuns(s kind.Server, text string) *plan.Runs {
	if m := tableChange.FindStringSubmatch(text); m != nil {
		of := map[string]change{"RENAME COLUMN": renameColumn, "RENAME INDEX": renameKey, "ALTER COLUMN": columnDetail, "ADD CONSTRAINT": addForeign}
		r := runsAs(wayOf(s, of[m[1]], nil))
		r.Usual = m[1] == "ADD CONSTRAINT" // of a table that is new, or the step would know better
		return r
	}
	if !ofDictionary.MatchString(text) {
		return nil
	}
	r := runsAs("I?")
	r.Usual = !strings.HasPrefix(text, "RENAME TABLE ")
	if ofLiveTable.MatchString(text) {
		r.Lock, r.Hold = "EXCLUSIVE", 2
	}
	return r
}
