package mysql

import (
	"context"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
)

// Replay runs migrations in order. Each statement commits, so that what is made is dropped at the end.
func (s *session) Replay(ctx context.Context, base []dialect.Statement, scripts []dialect.Script, scope dialect.Scope) (c *catalog.Catalog, err error) {
	err = s.lend(ctx, scope, func(ctx context.Context, l *load) error {
		if err := l.runAll(ctx, base); err != nil {
			return err
		}
		for _, script := range scripts {
			if err := l.script(ctx, script); err != nil {
				return err
			}
		}
		if err := l.reconnect(ctx); err != nil {
			return err
		}
		if c, err = l.inspectLoaded(ctx); err == nil {
			c.Tables[said] = l.said
			err = l.tellPassed(ctx, c)
		}
		return err
	})
	return c, err
}

func (l *load) script(ctx context.Context, script dialect.Script) error {
	fresh, inserted, set := true, false, map[string]bool{}
	for _, st := range script.Statements {
		if err := l.checkStays(ctx, st); err != nil {
			return err
		}
		if l.passOver(st) {
			continue
		}
		names, known := variablesSet(st.SQL)
		if known && fresh {
			if err := l.remember(ctx, names); err != nil {
				return locate(err, st)
			}
		}
		if err := l.execute(ctx, st); err != nil {
			return locate(err, st)
		}
		for _, name := range names {
			set[name] = true
		}
		fresh = fresh && (known || !leavesSession(st.SQL))
		inserted = inserted || numbersRows(st.SQL)
	}
	if !fresh {
		return l.reconnect(ctx)
	}
	if inserted {
		if err := l.Exec(ctx, forgetKey); err != nil {
			return err
		}
	}
	return l.restore(ctx, set)
}

func foreignDatabase(pos diag.Pos) error {
	return diag.Errorf(pos, "foreign-database", "the statement chooses or makes a database, but the URL names one already").
		WithHint("take the statement out, or leave the database out of --url and --dev-url to manage the whole server")
}
