package mysql

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/object"
)

// shortened is the name under which a Catalog keeps what is to be said of keys that the server cut.
const shortened = "shortened"

var makesKey = regexp.MustCompile(`(?is)^(?:/\*M?!\d*\s*)?(?:create|alter)\b.*\b(?:key|index|unique)\b`)

// noteShortened keeps in mind that the server cut a key which is too long, as MariaDB does, and MySQL without a strict
// sql_mode (MariaDB Knowledge Base, "InnoDB Limitations"): the key is not the one that is declared.
func (l *load) noteShortened(ctx context.Context, st dialect.Statement) error {
	if !makesKey.MatchString(st.SQL) {
		return nil
	}
	return l.warnings(ctx, func(number int, text string) {
		if number == 1071 {
			l.shortened = append(l.shortened, fmt.Sprintf("%s:%d: %s: %s, so the server cuts the key to the beginning of the column; "+
				"write that length, as in KEY (name(191)), or shorten the column", st.Pos.File, st.Pos.Line, objectOf(st), strings.ToLower(text[:1])+text[1:]))
		}
	})
}

// noteBackslash says once how the strings of files are read where the target has NO_BACKSLASH_ESCAPES.
func (l *load) noteBackslash(st dialect.Statement) {
	target := l.server.Settings["sql_mode"]
	if mode, ok := l.imitated["sql_mode"]; ok {
		target = mode
	}
	if l.backslash || !st.Object.IsZero() || !hasMode(target, noBackslashes) || !strings.Contains(st.SQL, `\`) {
		return
	}
	l.backslash = true
	l.shortened = append(l.shortened, fmt.Sprintf("%s:%d: the server's sql_mode has %s, but schemactl reads SQL files without it: "+
		"a backslash in a string escapes what follows, unless the file sets that mode itself", st.Pos.File, st.Pos.Line, noBackslashes))
}

var commentBeyond = regexp.MustCompile(`(?is)\bcomment\b\s*=?\s*(?:'(?:[^'\\]|\\.|'')*?|"(?:[^"\\]|\\.|"")*?)[\x{10000}-\x{10FFFF}]`)

// noteComment says of a comment that no server keeps it as it is: their own tables are in utf8mb3.
func (l *load) noteComment(st dialect.Statement) {
	if commentBeyond.MatchString(st.SQL) {
		l.shortened = append(l.shortened, fmt.Sprintf("%s:%d: %s: a comment has characters beyond U+FFFF, such as emoji, for each of which the server keeps a question mark",
			st.Pos.File, st.Pos.Line, objectOf(st)))
	}
}

// keepShortened puts what was noted into the catalog.
func (l *load) keepShortened(c *catalog.Catalog) {
	rows := catalog.NewRows("text")
	for _, s := range l.shortened {
		rows.Add(s)
	}
	c.Tables[shortened] = rows
}

// warnings calls f with each warning of the last statement.
func (s *session) warnings(ctx context.Context, f func(number int, text string)) error {
	return s.each(ctx, "SHOW WARNINGS", func(r *sql.Rows) error {
		var level, text string
		var number int
		if err := r.Scan(&level, &number, &text); err != nil {
			return err
		}
		f(number, text)
		return nil
	})
}

// explain adds what MariaDB tells of a wrong foreign key only in a warning: its name, and what is wrong.
func (l *load) explain(ctx context.Context, err error) error {
	if !hasNumber(err, 1005) {
		return err
	}
	_ = l.warnings(ctx, func(number int, text string) { // the fault stands without it, too
		if _, what, ok := strings.Cut(text, " with "); ok && number == 150 {
			f := err.(*serverFault) //nolint:errorlint,forcetypeassert // it is what Exec makes
			f.Message += ": " + strings.TrimSuffix(what, ".")
		}
	})
	return err
}

// tellNotes says what should be known of declarations that are taken as they are.
func (b *builder) tellNotes() {
	if b.catalog.Settings[unseen] != "" && len(b.tables) > 0 {
		b.state.Notes = append(b.state.Notes, "note: without the PROCESS privilege TABLESPACE, DATA DIRECTORY and AUTOEXTEND_SIZE of the live tables are not seen: "+
			"what is not managed of them does not stand in the ledger")
	}
	if b.catalog.Settings[loaded] == "" {
		return
	}
	if rows := b.catalog.Tables[shortened]; rows != nil {
		_ = rows.Each(func(r catalog.Row) error {
			b.state.Notes = append(b.state.Notes, "note: "+r.Str("text"))
			return nil
		})
	}
	b.tellOldCharset()
	b.tellDangling()
}

// tellOldCharset names the tables and columns whose character set holds but three bytes of a character.
func (b *builder) tellOldCharset() {
	var names []string
	for _, o := range b.objects {
		charset, inherited := "", false
		switch v := o.Value.(type) {
		case *Table:
			charset = v.Charset
		case *Column:
			charset = v.Charset
			if t, ok := b.state.Get(o.Parent).Value.(*Table); ok {
				inherited = t.Charset == v.Charset
			}
		}
		if !inherited && (charset == "utf8" || charset == "utf8mb3") {
			names = append(names, o.ID.Path())
		}
	}
	if len(names) == 0 {
		return
	}
	slices.Sort(names)
	b.state.Notes = append(b.state.Notes, fmt.Sprintf("note: utf8mb3, which is deprecated and holds no emoji and other characters of four bytes, is declared for %s; "+
		"utf8mb4 holds all", someOf(names)))
}

// tellDangling names the foreign keys whose table is not declared: the server refuses them unless it is there.
func (b *builder) tellDangling() {
	for _, o := range b.objects {
		k, ok := o.Value.(*ForeignKey)
		if !ok || k.RefSchema != o.ID.Schema {
			continue
		}
		if !b.state.Has(tableID(k.RefSchema, k.RefTable)) {
			b.state.Notes = append(b.state.Notes, fmt.Sprintf("note: %s refers to the table %s, which is not declared: the server refuses it unless that table is there",
				o.ID, object.ID{Schema: k.RefSchema, Name: k.RefTable}.Path()))
		}
	}
}

// someOf lists names while they are few.
func someOf(names []string) string {
	const few = 8
	if len(names) <= few {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:few], ", "), len(names)-few)
}
