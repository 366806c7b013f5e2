package migrate

import (
	"cmp"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/statement"
)

// Mode is what of the file is one transaction: what it says itself counts more than what is said of the directory.
func (f *File) Mode(of TxMode) TxMode { return cmp.Or(f.TxMode, of, f.mode, TxFile) }

// RunAs says how files of the directory run that do not say it themselves.
func (d *Dir) RunAs(mode TxMode) {
	for _, f := range d.Files {
		f.mode = mode
	}
}

// Runnable cuts the migration into what is to be run in a mode, and sees that all of it can be. It is asked both before a
// file is applied and before it is replayed, so that what one accepts the other does.
func (f *File) Runnable(d dialect.Dialect, mode TxMode) (_ []dialect.Statement, framed bool, _ error) {
	list, err := f.Statements(d)
	if err != nil {
		return nil, false, err
	}
	return f.runnable(d, mode, list)
}

// RunnableDown does the same with what undoes the migration.
func (f *File) RunnableDown(d dialect.Dialect) (_ []dialect.Statement, framed bool, _ error) {
	list, _, err := f.Down(d)
	if err != nil {
		return nil, false, err
	}
	return f.runnable(d, "", list)
}

func (f *File) runnable(d dialect.Dialect, mode TxMode, list []dialect.Statement) (_ []dialect.Statement, framed bool, _ error) {
	own := f.Mode(mode)
	rules, ok := d.(dialect.Migrating)
	if !ok {
		return list, own != TxNone, nil
	}
	if own == TxNone && cmp.Or(mode, f.mode) == TxAll && len(list) > 0 {
		return nil, false, diag.Errorf(list[0].Pos, "tx-mode", "the file runs outside of transactions, and --tx-mode all wants one for all files").
			WithHint("run what comes before it first, with --to-version; then this one with --tx-mode file")
	}
	framed = own != TxNone
	if framed {
		list = unframed(rules, list)
	}
	if f.free && own == TxFile {
		framed = len(list) != 1 && !slices.ContainsFunc(list, func(st dialect.Statement) bool { return rules.Frames(st.SQL) != "" })
	}
	return list, framed, CanRun(rules, list, framed)
}

// unframed takes BEGIN and COMMIT off a file that is all between them: it is one transaction anyway.
func unframed(rules dialect.Migrating, list []dialect.Statement) []dialect.Statement {
	n := len(list)
	if n < 2 || !plainFrame(rules, list[0], "BEGIN", "START TRANSACTION") || !plainFrame(rules, list[n-1], "COMMIT") {
		return list
	}
	if slices.ContainsFunc(list[1:n-1], func(st dialect.Statement) bool { return rules.Frames(st.SQL) != "" }) {
		return list
	}
	return list[1 : n-1]
}

// plainFrame reports whether a statement is one of these commands and asks for nothing else, such as an isolation level.
func plainFrame(rules dialect.Migrating, st dialect.Statement, commands ...string) bool {
	w := statement.Words(strings.TrimRight(st.SQL, "; \n"), 3)
	return slices.Contains(commands, rules.Frames(st.SQL)) && (len(w) == 1 || len(w) == 2 && w[1].Is("transaction", "work"))
}

// CanRun sees that statements can be a migration.
func CanRun(rules dialect.Migrating, list []dialect.Statement, framed bool) error {
	var open *dialect.Statement
	for i, st := range list {
		if why := rules.Forbidden(st.SQL); why != "" {
			return diag.Errorf(st.Pos, "not-in-migrations", "%s", why)
		}
		word := rules.Frames(st.SQL)
		if word != "" && framed {
			return diag.Errorf(st.Pos, "own-transaction", "%s in a file that runs as one transaction would end it midway", word).
				WithHint("take it out: the file is one transaction already; or write -- atlas:txmode none at its top, with a blank line after it, to frame it by hand")
		}
		switch word {
		case "":
		case "BEGIN", "START TRANSACTION":
			open = &list[i]
		default:
			open = nil
		}
	}
	if open == nil {
		return nil
	}
	return diag.Errorf(open.Pos, "open-transaction", "the transaction that begins here does not end in the file").
		WithHint("write COMMIT; at its end")
}
