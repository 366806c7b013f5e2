package postgres

import (
	"context"
	"errors"
	"regexp"
	"strings"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/statement"
)

// loading brings statements into a database within the open transaction of its session.
type loading struct {
	*session
	scope dialect.Scope
	local string // for SET: what holds for the transaction only, or for the session

	settings string // in force: those of the statement that came last, and what it set itself
}

// loadRound tries each statement once and returns those that wait for others, with the first reason.
type loadRound func(ctx context.Context, pending []dialect.Statement) (left []dialect.Statement, firstErr, err error)

// loadAll goes round until nothing is left, or nothing of it can be loaded.
func loadAll(ctx context.Context, pending []dialect.Statement, round loadRound) error {
	for len(pending) > 0 {
		left, firstErr, err := round(ctx, pending)
		if err != nil {
			return err
		}
		if len(left) > 0 && len(left) == len(pending) && !splitFurther(&left) {
			return cause(ctx, left, round, firstErr)
		}
		pending = left
	}
	return nil
}

// Statements travel together up to these sizes: a statement alone takes three round trips.
const (
	batchStatements = 100
	batchBytes      = 1 << 16
)

func (l *loading) round(ctx context.Context, pending []dialect.Statement) (left []dialect.Statement, firstErr, err error) {
	for len(pending) > 0 {
		n := batchSize(pending)
		waiting, reason, err := l.batch(ctx, pending[:n])
		if err != nil {
			return nil, nil, err
		}
		if firstErr == nil {
			firstErr = reason
		}
		left, pending = append(left, waiting...), pending[n:]
	}
	return left, firstErr, nil
}

// batchSize is how many statements can be sent as one text. Only those that are known to be one statement each travel
// with others: the end of a file may be within a comment. All but the last leave the settings to the next as it wants
// them.
func batchSize(pending []dialect.Statement) int {
	size, most := 0, min(batchStatements, len(pending))
	for n, st := range pending[:most] {
		size += len(st.SQL)
		if st.Object.IsZero() && !st.Single || st.Optional || size > batchBytes || n > 0 && st.Settings != settingsAfter(pending[n-1]) {
			return max(1, n)
		}
	}
	return most
}

// batch loads statements together. Where one of them fails, those before it and those after it still travel together.
func (l *loading) batch(ctx context.Context, batch []dialect.Statement) (left []dialect.Statement, firstErr, err error) {
	for len(batch) > 1 {
		if err := l.set(ctx, batch[0].Settings); err != nil {
			return nil, nil, err
		}
		err := l.tryWithRoles(ctx, joinStatements(batch))
		if err == nil {
			l.settings = settingsAfter(batch[len(batch)-1])
			return left, firstErr, nil
		}
		if outOfLocks(err) {
			return nil, nil, err
		}
		n := failing(err, batch)
		for _, part := range [][]dialect.Statement{batch[:n], batch[n : n+1]} {
			waiting, reason, err := l.batch(ctx, part)
			if err != nil {
				return nil, nil, err
			}
			if firstErr == nil {
				firstErr = reason
			}
			left = append(left, waiting...)
		}
		batch = batch[n+1:]
	}
	if len(batch) == 0 {
		return left, firstErr, nil
	}
	waits, reason, err := l.alone(ctx, batch[0])
	if waits {
		left = append(left, batch[0])
	}
	if firstErr == nil {
		firstErr = reason
	}
	return left, firstErr, err
}

// failing is the statement that a fault of their text is in; without a place, one in their middle, to look on from there.
func failing(err error, batch []dialect.Statement) int {
	var f *serverFault
	if !errors.As(err, &f) || f.Pos.Line == 0 {
		return len(batch) / 2
	}
	line := 0
	for i, st := range batch {
		if line += strings.Count(joinStatements(batch[i:i+1]), "\n"); f.Pos.Line <= line && st.SQL != "" {
			return i
		}
	}
	return len(batch) - 1
}

// alone loads one statement, or tells that it waits for another, and why.
func (l *loading) alone(ctx context.Context, st dialect.Statement) (waits bool, reason, err error) {
	if err := l.set(ctx, st.Settings); err != nil {
		return false, nil, err
	}
	if err = l.tryWithRoles(ctx, st.SQL); err == nil {
		l.settings = settingsAfter(st)
		return false, nil, nil
	}
	if st.Optional {
		return true, nil, nil
	}
	if !st.Object.IsZero() && findsNothing(err, st.Object) {
		found, setErr := l.underPath(ctx, st)
		if found || setErr != nil {
			return false, nil, setErr
		}
	}
	if !errors.Is(err, dialect.ErrMissing) {
		return false, nil, l.locate(ctx, err, st)
	}
	return true, locate(err, st), nil
}

// locate finds the place of a fault. Where the server names none within a file, its statements are run one by one: the
// load has failed, and nothing of it stays.
func (l *loading) locate(ctx context.Context, err error, st dialect.Statement) error {
	pieces := []dialect.Statement{st}
	var f *serverFault
	if !errors.As(err, &f) || f.Pos.Line > 0 || !splitFurther(&pieces) {
		return locate(err, st)
	}
	if _, _, found := l.round(ctx, pieces); found != nil {
		return found
	}
	return locate(err, st)
}

// set puts the settings of a statement into force that was left for later: others may have come since.
func (l *loading) set(ctx context.Context, settings string) error {
	if settings == l.settings {
		return nil
	}
	if err := l.Exec(ctx, l.settingsOf(l.scope, l.local)+"; SET LOCAL check_function_bodies = on;\n"+settings); err != nil {
		return err
	}
	l.settings = settings
	return nil
}

var (
	// maySet matches texts that may hold statements for which setsSession has to be asked.
	maySet      = regexp.MustCompile(`(?i)\b(?:set|reset|set_config)\b`)
	setsSession = regexp.MustCompile(`(?is)^\s*(?:set\s|reset\s|select\s+(?:pg_catalog\.)?set_config\s*\()`)
	// setsOther matches what holds for the transaction only.
	setsOther = regexp.MustCompile(`(?is)^\s*set\s+(?:constraints|transaction)\b`)
)

// settingsIn are the statements of a statement or file that set something for the session.
func settingsIn(st dialect.Statement) string {
	if !st.Object.IsZero() || !st.Single && !maySet.MatchString(st.SQL) {
		return ""
	}
	pieces := []statement.Piece{{Text: st.SQL}}
	if !st.Single {
		var err error
		if pieces, err = statement.Postgres(st.SQL); err != nil {
			return "" // the server will refuse it
		}
	}
	var out strings.Builder
	for _, p := range pieces {
		if setsSession.MatchString(p.Text) && !setsOther.MatchString(p.Text) {
			out.WriteString(p.Text + "\n;\n")
		}
	}
	return out.String()
}

func settingsAfter(st dialect.Statement) string { return st.Settings + settingsIn(st) }

// withSettings notes for each statement what those before it set for the session: when it has to be tried again, after
// others, it must mean the same.
func withSettings(statements []dialect.Statement) []dialect.Statement {
	settings := ""
	for i := range statements {
		statements[i].Settings = settings
		settings = settingsAfter(statements[i])
	}
	return statements
}

// splitFurther cuts whole files into their statements, which may succeed one by one. It reports whether it cut any.
func splitFurther(pending *[]dialect.Statement) bool {
	var out []dialect.Statement
	for _, st := range *pending {
		pieces, err := Dialect{}.Split([]byte(st.SQL), st.Pos.File)
		if err != nil || len(pieces) < 2 {
			st.Single = err == nil
			out = append(out, st)
			continue
		}
		settings := st.Settings
		for i := range pieces {
			pieces[i].Object = st.Object
			if st.Pos.Line > 0 {
				pieces[i].Pos.Line += st.Pos.Line - 1
			}
			pieces[i].Settings = settings
			settings = settingsAfter(pieces[i])
		}
		out = append(out, pieces...)
	}
	cut := len(out) > len(*pending)
	*pending = out
	return cut
}

// joinStatements makes one text of statements, each of which may end with a comment.
func joinStatements(statements []dialect.Statement) string {
	var text strings.Builder
	for _, st := range statements {
		text.WriteString(st.SQL + "\n;\n")
	}
	return text.String()
}

// tryWithin runs a statement under a savepoint.
func (s *session) tryWithin(ctx context.Context, text string) error {
	if err := s.Exec(ctx, "SAVEPOINT schemactl_load"); err != nil {
		return err
	}
	if err := s.Exec(ctx, text); err != nil {
		if back := s.Exec(context.WithoutCancel(ctx), "ROLLBACK TO SAVEPOINT schemactl_load"); back != nil {
			return errors.Join(err, back)
		}
		return err
	}
	return s.Exec(ctx, "RELEASE SAVEPOINT schemactl_load")
}
