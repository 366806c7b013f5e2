package mysql

import (
	"regexp"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/atlas"
	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Table is a table with its options; its columns, keys and checks are objects beside it. The AUTO_INCREMENT counter is
// data and no attribute.
type Table struct {
	Engine    string   `json:"engine"`
	Charset   string   `json:"charset,omitempty"`
	Collation string   `json:"collation,omitempty"`
	Comment   string   `json:"comment,omitempty"`
	Options   []string `json:"options,omitempty"`   // NAME=value, ordered
	Versioned bool     `json:"versioned,omitempty"` // system versioning; MariaDB
	Periods   []string `json:"periods,omitempty"`   // PERIOD FOR … clauses; MariaDB
	// Columns are the names of the columns in their order, which each column has as its place.
	Columns []string `json:"columns" diff:"-"`
	// Start is where the AUTO_INCREMENT counter of a new table starts, where that is declared.
	Start string `json:"start,omitempty" diff:"-"`
	// GeneratedKey means that the primary key is the server's own, which is no part of the state; MySQL.
	GeneratedKey bool `json:"generated_key,omitempty" diff:"-"`
	// Unseen means that the user may not see whether the table has an AUTOEXTEND_SIZE.
	Unseen bool `json:"unseen,omitempty" diff:"-"`
}

func tableID(schema, name string) object.ID {
	return object.ID{Kind: "table", Schema: schema, Name: name}
}

// relationClaim is the namespace that tables, views and sequences share.
func relationClaim(schema, name string) string { return "relation " + qualified(schema, name) }

func tableKind() objectKind {
	return objectKind{
		hcl: tableHCL(),
		Kind: kind.Define(kind.Def[Table]{
			Name: "table", Weight: weightTable, Rows: func(*Table) bool { return true },
			Create: createTable, Alter: alterTable, Drop: dropTable,
			Moot: func(_ *kind.Context, from, to kind.Of[Table], attr string) bool {
				return attr == "options" && from.V.Unseen && slices.Equal(withoutAutoextend(from.V.Options), withoutAutoextend(to.V.Options))
			},
		}),
		queries: func(s server, in within) []catalog.Query {
			var out []catalog.Query
			if s.extended {
				out = append(out, attributesQuery("table_attributes", "TABLES_EXTENSIONS", "TABLE_SCHEMA", "''", in))
			}
			return append(out, catalog.Query{Name: "tables", SQL: `
SELECT TABLE_SCHEMA AS db, TABLE_NAME AS name, TABLE_TYPE AS type, ENGINE AS engine, TABLE_COLLATION AS collation,
  CREATE_OPTIONS AS options, TABLE_COMMENT AS comment
FROM information_schema.TABLES WHERE ` + in("TABLE_SCHEMA") + ` ORDER BY 1, 2`})
		},
		build: buildTables,
	}
}

func buildTables(b *builder) error {
	attributes := b.attributes("table_attributes")
	return b.rows("tables", func(r catalog.Row) error {
		schema, name := b.schema(r.Str("db")), r.Str("name")
		switch kind := r.Str("type"); kind {
		case "BASE TABLE", "SYSTEM VERSIONED":
		case "VIEW", "SEQUENCE": // kinds of their own
			return nil
		default:
			b.unreadable(strings.ToLower(kind), tableID(schema, name), "schemactl does not manage this kind of table")
			return nil
		}
		if strings.EqualFold(r.Str("engine"), "MRG_MyISAM") {
			b.unreadable("table", tableID(schema, name), "tables of the MERGE engine are not managed")
			return nil
		}
		if name == journalName {
			b.state.Ledger = append(b.state.Ledger, object.Entry{
				Kind: "table", Name: tableID(schema, name).Path(), Status: object.Ignored, Reason: "schemactl: the journal of an apply that did not end",
			})
			return nil
		}
		options, folders := cutFolders(r.Str("options"))
		for _, f := range folders {
			b.unreadable("data directory", tableID(schema, name), f+": where files are kept is not managed")
		}
		t := &Table{
			Engine: r.Str("engine"), Collation: r.Str("collation"), Charset: charsetOf(r.Str("collation")),
			Comment: r.Str("comment"), Options: tableOptions(options), Versioned: r.Str("type") == "SYSTEM VERSIONED",
			Unseen: b.catalog.Settings[unseen] != "",
		}
		a := attributes[[3]string{schema, name, ""}]
		t.Options = append(t.Options, a.options()...)
		if b.mariadb {
			t.Periods = periodsOf(b.definition("table", tableID(schema, name)))
		}
		if b.catalog.Settings[loaded] != "" { // elsewhere the counter is data
			t.Start = startOf(b.definition("table", tableID(schema, name)))
		}
		e := &tableEntry{table: t, columns: map[string]*Column{}, Object: &object.Object{
			ID: tableID(schema, name), Value: t, Claims: []string{relationClaim(schema, name)},
		}}
		b.tables[[2]string{schema, name}] = e
		b.readEnd(e)
		b.readPartOptions(e)
		return b.add(e.Object)
	})
}

// charsetOf is the character set of a collation, whose name starts with it (MySQL manual, "Collation Naming
// Conventions").
func charsetOf(collation string) string {
	charset, _, _ := strings.Cut(collation, "_")
	return charset
}

var folder = regexp.MustCompile(`(?i)(?:DATA|INDEX) DIRECTORY='(?:[^']|'')*'`)

// cutFolders takes the options out that say where the files of a table are, which no ALTER TABLE changes.
func cutFolders(options string) (rest string, folders []string) {
	return folder.ReplaceAllString(options, ""), folder.FindAllString(options, -1)
}

// tableOptions cuts CREATE_OPTIONS into its options, with names in capitals and strings in single quotes.
func tableOptions(s string) []string {
	var out []string
	for start, i := 0, 0; i <= len(s); {
		if i < len(s) && s[i] != ' ' {
			i = tokenEnd(s, i)
			continue
		}
		// SECONDARY_LOAD tells of the rows, not of the table.
		if word := s[start:i]; word != "" && word != "partitioned" && !strings.HasPrefix(word, "SECONDARY_LOAD=") {
			name, value, _ := strings.Cut(word, "=")
			name = strings.ToUpper(name) // no server heeds the case
			if strings.HasPrefix(value, `"`) {
				value = literal(strings.Trim(value, `"`))
			}
			out = append(out, name+"="+value)
		}
		i++
		start = i
	}
	slices.Sort(out)
	return out
}

// optionDefault is the value that takes an option back (MySQL manual, "CREATE TABLE Statement", table_options).
func optionDefault(name string) string {
	switch name {
	case "KEY_BLOCK_SIZE", "MAX_ROWS", "MIN_ROWS", "AVG_ROW_LENGTH", "CHECKSUM", "DELAY_KEY_WRITE", "TABLE_CHECKSUM", "TRANSACTIONAL",
		"AUTOEXTEND_SIZE":
		return "0"
	case "COMPRESSION", "CONNECTION", "SECONDARY_ENGINE_ATTRIBUTE", "ENGINE_ATTRIBUTE":
		return "''"
	case "ENCRYPTION":
		return "'N'"
	case "SECONDARY_ENGINE":
		return "NULL"
	}
	return "DEFAULT"
}

// clauses spell the options that differ from another table's.
func (t *Table) clauses(from *Table) []string {
	var out []string
	if t.Engine != from.Engine && t.Engine != "" {
		out = append(out, "ENGINE="+t.Engine)
	}
	if t.Charset != from.Charset || t.Collation != from.Collation {
		out = append(out, t.charsetClauses()...)
	}
	for _, o := range t.Options {
		if !slices.Contains(from.Options, o) {
			out = append(out, o)
		}
	}
	for _, o := range from.Options {
		name, _, _ := strings.Cut(o, "=")
		if !slices.ContainsFunc(t.Options, func(x string) bool { return strings.HasPrefix(x, name+"=") }) {
			out = append(out, name+"="+optionDefault(name))
		}
	}
	if t.Comment != from.Comment {
		out = append(out, "COMMENT="+literal(t.Comment))
	}
	return out
}

// charsetClauses spell what columns of the table get that name none of their own.
func (t *Table) charsetClauses() []string {
	var out []string
	if t.Charset != "" {
		out = append(out, "DEFAULT CHARSET="+t.Charset)
	}
	if t.Collation != "" {
		out = append(out, "COLLATE="+t.Collation)
	}
	return out
}

func createTable(c *kind.Context, t kind.Of[Table]) ([]plan.Step, error) {
	return []plan.Step{{
		Comment: "create table " + t.ID.Path(),
		Reverse: []string{"DROP TABLE " + qualified(t.ID.Schema, t.ID.Name)},
		Fold: func(host *plan.Step, parts []*plan.Step) error {
			stmt, err := atlas.MySQL{}.CreateTable(tableModel(c.To, t, parts))
			host.SQL = stmt.SQL
			return err
		},
	}}, nil
}

// tableModel gathers the folded parts of a new table for Atlas.
func tableModel(to *object.State, t kind.Of[Table], parts []*plan.Step) atlas.MySQLTable {
	model := atlas.MySQLTable{Schema: t.ID.Schema, Name: t.ID.Name}
	suffix := t.V.clauses(&Table{})
	if t.V.Start != "" {
		suffix = append(suffix, "AUTO_INCREMENT="+t.V.Start)
	}
	for _, p := range parts {
		if c, ok := kind.Get[Column](to, p.ID); ok {
			model.Columns = append(model.Columns, c.V.model(c.ID.Name))
		}
		if x, ok := kind.Get[Index](to, p.ID); ok {
			m := x.V.model(x.ID.Name)
			if x.ID.Kind == primaryKey {
				model.PrimaryKey = &m
			} else {
				model.Indexes = append(model.Indexes, m)
			}
		}
		if k, ok := kind.Get[Check](to, p.ID); ok {
			model.Checks = append(model.Checks, k.V.model(k.ID.Name))
		}
		if k, ok := kind.Get[ForeignKey](to, p.ID); ok {
			model.ForeignKeys = append(model.ForeignKeys, k.V.model(k.ID.Name))
		}
	}
	if t.V.Versioned {
		suffix = append(suffix, "WITH SYSTEM VERSIONING")
	}
	model.Elements = t.V.Periods
	model.Options = " " + strings.Join(suffix, " ")
	for _, p := range parts {
		if x, ok := kind.Get[Partitioning](to, p.ID); ok {
			model.Options += "\n" + x.V.sql()
		}
	}
	return model
}

// alterHead is how every change of a table starts.
func alterHead(table object.ID) string {
	return "ALTER TABLE " + qualified(table.Schema, table.Name) + " "
}

// intoTable is the step that can carry a part of a table: its creation, or the one ALTER TABLE of an existing table.
func intoTable(c *kind.Context, table object.ID) plan.Ref {
	if c.From.Has(table) {
		return plan.Ref{Op: plan.Alter, ID: table}
	}
	return plan.Ref{Op: plan.Create, ID: table}
}

// alterStep is one clause of an ALTER TABLE.
func alterStep(c *kind.Context, table object.ID, clause, reverse, comment string) plan.Step {
	s := plan.Step{Prefix: alterHead(table), Clause: clause, Comment: comment, Into: intoTable(c, table)}
	s.SQL = s.Prefix + clause
	if reverse != "" {
		s.Reverse = []string{s.Prefix + reverse}
	}
	return s
}

// fromAtlas makes a clause of a statement that Atlas planned for a table.
func fromAtlas(c *kind.Context, table object.ID, s atlas.Statement, comment string) plan.Step {
	prefix, clause, _ := atlas.MySQLClause(s.SQL, qualified(table.Schema, table.Name))
	return plan.Step{
		SQL: s.SQL, Prefix: prefix, Clause: clause, Reverse: s.Reverse, Comment: comment, Into: intoTable(c, table),
	}
}

func alterTable(c *kind.Context, from, to kind.Of[Table], a *kind.Attrs) (plan.Edit, error) {
	a.Take("engine", "charset", "collation", "comment", "options", "versioned", "periods")
	step := alterStep(c, to.ID, alterClauses(from.V, to.V), alterClauses(to.V, from.V), "modify table "+to.ID.Path())
	step.Into = plan.Ref{}
	step.Runs = runs(c, to.ID, optionChanges(from.V, to.V)...)
	step.Class = either(c.Policy.Server.Flavor == "mariadb", classTable, "")
	if from.V.Versioned && !to.V.Versioned {
		step.Loses = "the history of table " + to.ID.Path()
	}
	return plan.InPlace(step), nil
}

// alterClauses lead from one table's options to another's.
func alterClauses(from, to *Table) string {
	var out []string
	if from.Versioned && !to.Versioned {
		out = append(out, "DROP SYSTEM VERSIONING")
	}
	for _, p := range from.Periods {
		if !slices.Contains(to.Periods, p) {
			head, _, _ := strings.Cut(p, " (")
			out = append(out, "DROP "+head)
		}
	}
	for _, p := range to.Periods {
		if !slices.Contains(from.Periods, p) {
			out = append(out, "ADD "+p)
		}
	}
	if to.Versioned && !from.Versioned {
		out = append(out, "ADD SYSTEM VERSIONING")
	}
	if options := strings.Join(to.clauses(from), " "); options != "" {
		out = append(out, options)
	}
	return strings.Join(out, ", ")
}

func dropTable(_ *kind.Context, t kind.Of[Table]) ([]plan.Step, error) {
	return []plan.Step{{
		SQL:     "DROP TABLE " + qualified(t.ID.Schema, t.ID.Name),
		Comment: "drop table " + t.ID.Path(),
		Loses:   "every row of table " + t.ID.Path(),
	}}, nil
}
