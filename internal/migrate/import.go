package migrate

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/disk"
	"github.com/schemactl/schemactl/internal/statement"
)

// Rails is not a format that directories are kept in: its structure.sql can be imported as a baseline.
const Rails Format = "rails"

// Import writes the migrations of another tool's directory into an empty one of Atlas's format: versions,
// descriptions, statements, what undoes them, and which run outside a transaction. It returns the names of the files.
func Import(from, to *Dir) ([]string, error) {
	switch {
	case to.Format != Atlas:
		return nil, diag.Errorf(diag.Pos{File: to.Name}, "unsupported", "migrations are imported into directories of Atlas's format, not of %s", to.Format)
	case from.Format == Atlas:
		return nil, diag.Errorf(diag.Pos{File: from.Name}, "nothing-to-import", "the directory is of Atlas's format already, as far as its URL says").
			WithHint("name the format: --from 'file://%s?format=golang-migrate'", from.Name)
	case len(from.Files) == 0:
		return nil, diag.Errorf(diag.Pos{File: from.Name}, "empty-directory", "there are no migrations of %s", from.Format)
	case len(to.Files) > 0:
		return nil, diag.Errorf(diag.Pos{File: to.Name}, "not-empty", "the directory holds migrations already").WithHint("import into a new one: --to file://imported")
	}
	if err := from.Check(); err != nil {
		return nil, err
	}
	versions := sortable(from.Files)
	var names []string
	for i, f := range from.Files {
		name := fileName(versions[i], "_", badName.ReplaceAllString(gaps.ReplaceAllString(f.Desc, "_"), "_"), ".sql")
		if len(names) > 0 && name <= names[len(names)-1] {
			return nil, diag.Errorf(from.pos(f.Name), "order", "the file runs after %s, but Atlas's format, which sorts by name, would run it before", names[len(names)-1])
		}
		names = append(names, name)
	}
	for i, f := range from.Files {
		if err := to.write(names[i], []byte(f.asAtlas())); err != nil {
			return nil, fmt.Errorf("write %s: %w", to.path(names[i]), err)
		}
	}
	return names, to.Rehash()
}

// sortable pads numbers that count, so that names sort as the versions do. Repeatable migrations come last.
func sortable(files []*File) []string {
	width := 0
	for _, f := range files {
		if sequential.MatchString(f.Version) {
			width = max(width, len(f.Version))
		}
	}
	out := make([]string, len(files))
	last := "0"
	for i, f := range files {
		v := f.Version
		if sequential.MatchString(v) {
			v = strings.Repeat("0", width-len(v)) + v
		}
		if f.Repeatable {
			v = last + "r" // sorts after the underscore
		} else {
			last = v
		}
		out[i] = strings.ReplaceAll(v, "_", ".")
	}
	return out
}

// asAtlas is the text of the migration in Atlas's format.
func (f *File) asAtlas() string {
	var head []string
	if f.Checkpoint {
		head = append(head, "-- atlas:checkpoint")
	}
	text := sectionsText(f.up)
	if f.TxMode == TxNone || f.free && runsOutside(text) {
		head = append(head, "-- atlas:txmode none")
	}
	if len(head) > 0 {
		text = strings.Join(head, "\n") + "\n\n" + text
	} else if len(header(text)) > 0 {
		text = "\n" + text // what looks like directives was none in the other tool
	}
	return text + coverDown(sectionsText(f.down))
}

var (
	refusesTransaction = regexp.MustCompile(`(?is)^\s*(?:vacuum\b|alter\s+system\b|(?:create|drop)\s+database\b|(?:create|drop|reindex|alter)\b.*\bconcurrently\b)`)
	ownFrame           = regexp.MustCompile(`(?i)^\s*(?:begin|start\s+transaction|commit|end|rollback|abort)\b`)
)

// runsOutside reports whether a file, around which its tool opens no transaction, counts on that: it is one statement that
// no transaction holds, or it has transactions of its own beside other statements.
func runsOutside(text string) bool {
	pieces, err := statement.Postgres(text)
	if err != nil || len(pieces) == 0 {
		return false
	}
	frames := 0
	for _, p := range pieces {
		if ownFrame.MatchString(p.Text) {
			frames++
		}
	}
	whole := frames == 2 && ownFrame.MatchString(pieces[0].Text) && ownFrame.MatchString(pieces[len(pieces)-1].Text)
	return frames > 0 && !whole || len(pieces) == 1 && refusesTransaction.MatchString(pieces[0].Text)
}

var (
	manyBlanks = regexp.MustCompile(`\n{3,}`)
	psqlGuards = regexp.MustCompile(`(?m)^\\(?:un)?restrict\b.*\n?`)
)

func sectionsText(sections []section) string {
	var b strings.Builder
	for _, s := range sections {
		text := psqlGuards.ReplaceAllString(s.text, "")
		delim := s.delim
		if s.whole && delim == "" && strings.Contains(strings.TrimRight(text, "; \n"), ";") {
			for delim = "//"; strings.Contains(text, delim); {
				delim += "/"
			}
			text = strings.TrimRight(text, "; \n") + "\n" + delim
		}
		text = strings.Trim(manyBlanks.ReplaceAllString(text, "\n\n"), "\n")
		if delim != "" {
			text = "DELIMITER " + delim + "\n" + text + "\nDELIMITER ;"
		}
		if strings.TrimSpace(text) != "" {
			b.WriteString(text + "\n")
		}
	}
	return b.String()
}

var (
	railsVersions = regexp.MustCompile(`(?is)INSERT\s+INTO\s+["` + "`" + `]?schema_migrations["` + "`" + `]?\s*\(\s*["` + "`" + `]?version["` + "`" + `]?\s*\)\s*VALUES\s*(.*?);\n?`)
	railsVersion  = regexp.MustCompile(`'(\d+)'`)
)

// readRails reads structure.sql as one migration, whose version is the last of schema_migrations.
func readRails(d *Dir) ([]*File, error) {
	const name = "structure.sql"
	f, text, err := d.load(name, "_")
	if isMissing(err) {
		return nil, diag.Errorf(d.pos(name), "no-such-file", "the folder has no %s", name).
			WithHint("set config.active_record.schema_format = :sql and run rails db:schema:dump")
	}
	if err != nil {
		return nil, err
	}
	var versions []string
	for _, m := range railsVersions.FindAllStringSubmatch(text, -1) {
		for _, v := range railsVersion.FindAllStringSubmatch(m[1], -1) {
			versions = append(versions, v[1])
		}
	}
	if len(versions) == 0 {
		return nil, diag.Errorf(d.pos(name), "no-version", "%s lists no versions of schema_migrations", name)
	}
	f.Version, f.Desc = slices.Max(versions), "baseline"
	f.up = []section{{text: railsVersions.ReplaceAllString(text, ""), line: 1}}
	return []*File{f}, nil
}

var flywayPlaceholder = regexp.MustCompile(`\$\{[\w:.]+\}`)

// checkPlaceholders refuses what Flyway would replace before it runs a file.
func (f *File) checkPlaceholders(text string) error {
	at := flywayPlaceholder.FindStringIndex(text)
	if at == nil {
		return nil
	}
	return diag.Errorf(diag.Pos{File: f.path, Line: strings.Count(text[:at[0]], "\n") + 1}, "unsupported", "the placeholder %s is not supported", text[at[0]:at[1]]).
		WithHint("write its value into the file")
}

// OpenSource reads a directory to be imported.
func OpenSource(raw string) (*Dir, error) {
	if folder, ok := strings.CutSuffix(raw, "?format="+string(Rails)); ok {
		path := strings.TrimPrefix(folder, "file://")
		d := &Dir{Name: path, Format: Rails, fsys: disk.Dir(path)}
		var err error
		d.Files, err = readRails(d)
		return d, err
	}
	return Open(raw, "")
}
