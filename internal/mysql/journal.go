package mysql

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// journalName is the name of the table that a run keeps its journal in, and of the table's database where the connection
// is not bound to one. Inspection leaves both alone.
const journalName = "schemactl_journal"

var _ dialect.Journaler = (*session)(nil)

// journal is a table with a row for each statement of the run. Its rows are committed before and after each, and it is
// dropped when the run ends well.
type journal struct{ *session }

func (s *session) Journal() dialect.Journal { return journal{s} }

// table is the table's name.
func (j journal) table() string {
	if j.database == "" {
		return qualified(journalName, journalName)
	}
	return qualified(j.database, journalName)
}

func (j journal) Read(ctx context.Context) ([]dialect.Entry, error) {
	var out []dialect.Entry
	err := j.each(ctx, "SELECT n, step, state, witness, at FROM "+j.table()+" ORDER BY n", func(r *sql.Rows) error {
		e, step := dialect.Entry{Step: &plan.Step{}}, ""
		if err := r.Scan(&e.N, &step, &e.State, &e.Witness, &e.At); err != nil {
			return err
		}
		out = append(out, e)
		return json.Unmarshal([]byte(step), e.Step)
	})
	if hasNumber(err, 1146, 1049, 1142, 1044) { // not there, or not for this user, who cannot have written it
		return nil, nil
	}
	return out, err
}

func (j journal) Begin(ctx context.Context, steps []*plan.Step) error {
	if j.database == "" {
		if err := j.right(j.Exec(ctx, "CREATE DATABASE IF NOT EXISTS "+ident(journalName))); err != nil {
			return err
		}
	}
	err := j.right(j.Exec(ctx, "CREATE TABLE IF NOT EXISTS "+j.table()+` (
  n int NOT NULL PRIMARY KEY,
  step longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  state varchar(10) CHARACTER SET utf8mb4 NOT NULL,
  witness varchar(64) CHARACTER SET utf8mb4 NOT NULL DEFAULT '',
  at varchar(30) CHARACTER SET utf8mb4 NOT NULL
) ENGINE=InnoDB COMMENT='an apply of schemactl that did not end; the next one goes on from it'`))
	if err != nil {
		return err
	}
	tx, err := j.conn.BeginTx(ctx, nil) // the old entries go exactly when the new ones are there
	if err != nil {
		return j.flavor.fault(err, "")
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(ctx, "DELETE FROM "+j.table()); err != nil {
		return j.right(j.flavor.fault(err, ""))
	}
	for n, st := range steps {
		data, err := json.Marshal(st)
		if err != nil {
			return err
		}
		insert := "INSERT INTO " + j.table() + " (n, step, state, at) VALUES (?, ?, ?, UTC_TIMESTAMP())"
		if _, err := tx.ExecContext(ctx, insert, n, string(data), dialect.Planned); err != nil {
			return j.right(j.flavor.fault(err, ""))
		}
	}
	return j.flavor.fault(tx.Commit(), "")
}

// right tells a lack of rights apart (MySQL manual, "Server Error Message Reference").
func (j journal) right(err error) error {
	if hasNumber(err, 1044, 1142, 1227, 1370) {
		return errors.Join(dialect.ErrNoJournal, err)
	}
	return err
}

func (j journal) Start(ctx context.Context, n int, witness string) error {
	return j.write(ctx, n, dialect.Started, witness)
}

func (j journal) Done(ctx context.Context, n int) error { return j.write(ctx, n, dialect.Done, "") }

func (j journal) write(ctx context.Context, n int, state, witness string) error {
	_, err := j.conn.ExecContext(ctx, "UPDATE "+j.table()+" SET state = ?, witness = ?, at = UTC_TIMESTAMP() WHERE n = ?", state, witness, n)
	return j.flavor.fault(err, "")
}

// End drops the table; who may not is left with an empty one.
func (j journal) End(ctx context.Context) error {
	drop := "DROP TABLE IF EXISTS " + j.table()
	if j.database == "" {
		drop = "DROP DATABASE IF EXISTS " + ident(journalName)
	}
	err := j.Exec(ctx, drop)
	if hasNumber(err, 1044, 1142, 1227) {
		err = j.Exec(ctx, "DELETE FROM "+j.table())
	}
	return err
}

// liveCounter is the one part of a definition that rows change.
var liveCounter = regexp.MustCompile(` AUTO_INCREMENT=\d+`)

// Witness is a digest of the definitions of the step's object and of what people look for it under.
func (s *session) Witness(ctx context.Context, step *plan.Step) (string, error) {
	h, found := sha256.New(), false
	for _, id := range witnesses(step) {
		text, err := s.shown(ctx, id)
		if err != nil {
			return "", fmt.Errorf("look at %s: %w", id, err)
		}
		found = found || text != ""
		_, _ = h.Write([]byte(liveCounter.ReplaceAllString(text, "") + "\x00"))
	}
	if !found {
		return "", nil
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// witnesses are the objects whose definitions show whether a step is done.
func witnesses(step *plan.Step) []object.ID {
	out := []object.ID{step.Owner}
	if step.ID.Kind == "trigger" || step.ID != step.Owner && step.ID.Table == "" {
		out = append(out, step.ID)
	}
	return out
}

// shown is what SHOW CREATE tells of an object; empty when it is not there.
func (s *session) shown(ctx context.Context, id object.ID) (text string, err error) {
	name := qualified(s.databaseOf(id), id.Name)
	switch id.Kind {
	case "table", "view", "function", "procedure", "trigger", "event", "sequence":
	case "schema":
		name = ident(id.Name)
	default:
		return "", nil
	}
	return s.showCreate(ctx, strings.ToUpper(strings.Replace(id.Kind, "schema", "database", 1)), name)
}

// showCreate is what SHOW CREATE tells of an object of that name; empty when it is not there.
func (s *session) showCreate(ctx context.Context, word, name string) (text string, err error) {
	err = s.each(ctx, "SHOW CREATE "+word+" "+name, func(r *sql.Rows) error {
		columns, err := r.Columns()
		if err != nil {
			return err
		}
		values, dest := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range values {
			dest[i] = &values[i]
		}
		if err := r.Scan(dest...); err != nil {
			return err
		}
		for i, c := range columns {
			if strings.HasPrefix(c, "Create") || c == "SQL Original Statement" {
				text = values[i].String
			}
		}
		return nil
	})
	if hasNumber(err, 1146, 1049, 1305, 1360, 1539, 1347, 1965, 4089, 4091) { // not there, or another kind of that name
		return "", nil
	}
	return text, err
}
