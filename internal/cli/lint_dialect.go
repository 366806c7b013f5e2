package cli

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/engine"
	"github.com/schemactl/schemactl/internal/lint"
	"github.com/schemactl/schemactl/internal/migrate"
	"github.com/schemactl/schemactl/internal/statement"
)

// guessedDialect describes --dialect of commands that no server reads the files for.
const guessedDialect = "`dialect` of the migrations when no URL tells it: postgres or mysql; default what their text shows, or else postgres"

// offline is the dialect of files that no server reads: what a URL or --dialect says, or else their text.
func (o *lintOptions) offline(dir *migrate.Dir) (dialect.Dialect, error) {
	given := o.dialect
	if given == "" && o.url == "" {
		given = o.guess(dir)
	}
	name, err := engine.DialectName(engine.Request{URL: o.url}, given)
	if err != nil {
		return nil, err
	}
	return dialectByName(name)
}

// guess tells the dialect by the text of the files, where it is unmistakable, and says so; else it is empty.
func (o *lintOptions) guess(dir *migrate.Dir) string {
	var texts []string
	for _, f := range dir.Files {
		texts = append(texts, string(f.Raw))
	}
	s := statement.SignsOf(texts...)
	switch postgres, mysql := s.Tells(); {
	case postgres && mysql:
		o.app.io.Notify("note: the files have signs of both dialects, of %s (%s) and of %s (%s), and are read as of %s; --dialect or a URL says which they are of",
			dburl.Postgres, strings.Join(s.Postgres, ", "), dburl.MySQL, strings.Join(s.MySQL, ", "), dburl.Postgres)
	case postgres:
		return o.took(dburl.Postgres, s.Postgres)
	case mysql:
		return o.took(dburl.MySQL, s.MySQL)
	default:
		o.untold = true
	}
	return ""
}

func (o *lintOptions) took(name string, signs []string) string {
	o.app.io.Notify("note: by their text (%s) the files are read as of %s; --dialect or a URL says otherwise", strings.Join(signs, ", "), name)
	return name
}

// tellUntold says, where there are findings, that they may be of another dialect's files.
func (o *lintOptions) tellUntold(reports []lint.Report) {
	if o.untold && slices.ContainsFunc(reports, func(r lint.Report) bool { return len(r.Findings) > 0 }) {
		o.app.io.Notify("note: nothing tells which dialect the files are of, so they are read as of %s; --dialect or a URL says it", dburl.Postgres)
	}
}
