package atlas_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	atlasmysql "ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"

	"github.com/schemactl/schemactl/internal/dbtest"
	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/mysql"
	"github.com/schemactl/schemactl/internal/object"
)

// TestMySQLInspectionAgreesWithAtlas lets Atlas's inspector and ours read the same databases: what Atlas models must be
// the same.
func TestMySQLInspectionAgreesWithAtlas(t *testing.T) {
	files, err := filepath.Glob("../mysql/testdata/roundtrip/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(string(text), "-- from\n")
		source, _, _ := strings.Cut(rest, "-- to\n")
		if slices.Contains(beyondAtlas(), filepath.Base(file)) {
			continue
		}
		for _, srv := range dbtest.Servers() {
			name := strings.TrimSuffix(filepath.Base(file), ".sql")
			if srv.Scheme == "postgres" || strings.Contains(string(text), "-- need") && !strings.Contains(string(text), "-- need "+srv.Scheme) {
				continue
			}
			t.Run(name+"/"+srv.Name, func(t *testing.T) {
				t.Parallel()
				db := srv.Database(t)
				statements, err := mysql.Dialect{}.Split([]byte(source), "schema.sql")
				if err != nil {
					t.Fatal(err)
				}
				for _, s := range statements {
					if _, err := db.ExecContext(t.Context(), s.SQL); err != nil {
						t.Fatalf("%v\nin %s", err, s.SQL)
					}
				}
				theirs, ours := atlasFacts(t, db), facts(ourState(t, db))
				for _, f := range theirs {
					if !slices.Contains(ours, f) {
						t.Errorf("only Atlas says: %s", f)
					}
				}
				for _, f := range ours {
					if !slices.Contains(theirs, f) {
						t.Errorf("only we say: %s", f)
					}
				}
			})
		}
	}
}

// beyondAtlas are the fixtures that Atlas cannot read: it stops at INVISIBLE columns, and passes over tables with system
// versioning and over periods.
func beyondAtlas() []string { return []string{"columns_mysql.sql", "mariadb.sql"} }

func ourState(t testing.TB, db *dbtest.DB) *object.State {
	t.Helper()
	u, err := dburl.Parse(db.URL)
	if err != nil {
		t.Fatal(err)
	}
	s, err := mysql.Dialect{}.Connect(context.Background(), u)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	scope := dialect.Scope{Schemas: []string{db.Name}, Bound: true}
	c, err := s.Inspect(context.Background(), scope)
	if err != nil {
		t.Fatal(err)
	}
	state, err := mysql.Dialect{}.Build(c, scope)
	if err != nil {
		t.Fatal(err)
	}
	return state
}

// facts tells of a state what Atlas models too, a line each. Sequences and views are beyond it.
func facts(s *object.State) []string {
	var out []string
	for _, o := range s.All() {
		at := o.ID.Table + "." + o.ID.Name
		switch v := o.Value.(type) {
		case *mysql.Table:
			out = append(out, fmt.Sprintf("table %s %s %q", o.ID.Name, v.Collation, v.Comment))
		case *mysql.Column:
			typ := v.Type
			if v.Check == "json_valid(`"+o.ID.Name+"`)" { // what MariaDB makes of json
				typ = "json"
			}
			out = append(out, fmt.Sprintf("column %s %s null=%t default=%t generated=%t auto=%t update=%t %q",
				at, typ, !v.NotNull, v.Default != "", v.Generated != "", v.AutoIncrement, v.OnUpdate != "", v.Comment))
		case *mysql.Index:
			var parts []string
			for _, p := range v.Parts {
				parts = append(parts, fmt.Sprintf("%s %d %t", p.Column, p.Prefix, p.Desc))
			}
			out = append(out, fmt.Sprintf("index %s unique=%t %s %s %q", at, v.Unique, v.Type, strings.Join(parts, ","), v.Comment))
		case *mysql.ForeignKey:
			out = append(out, fmt.Sprintf("foreign key %s %v %s %v", at, v.Columns, v.RefTable, v.RefColumns))
		case *mysql.Check:
			out = append(out, "check "+at)
		}
	}
	slices.Sort(out)
	return out
}

// atlasFacts tells the same of Atlas's inspection.
func atlasFacts(t testing.TB, db *dbtest.DB) []string {
	t.Helper()
	var out []string
	for _, table := range atlasInspect(t, db.DB, db.Name).Tables {
		var collation schema.Collation
		var comment schema.Comment
		for _, a := range table.Attrs {
			switch a := a.(type) {
			case *schema.Collation:
				collation = *a
			case *schema.Comment:
				comment = *a
			case *schema.Check:
				if _, ofColumn := table.Column(a.Name); !ofColumn { // MariaDB names the checks of columns after them
					out = append(out, "check "+table.Name+"."+a.Name)
				}
			}
		}
		out = append(out, fmt.Sprintf("table %s %s %q", table.Name, collation.V, comment.Text))
		for _, c := range table.Columns {
			out = append(out, columnFact(table.Name, c))
		}
		keys := table.Indexes
		if table.PrimaryKey != nil {
			keys = append(slices.Clone(keys), table.PrimaryKey)
		}
		for _, i := range keys {
			out = append(out, indexFact(table.Name, i, i == table.PrimaryKey))
		}
		for _, f := range table.ForeignKeys {
			out = append(out, fmt.Sprintf("foreign key %s.%s %v %s %v", table.Name, f.Symbol, names(f.Columns), f.RefTable.Name, names(f.RefColumns)))
		}
	}
	slices.Sort(out)
	return out
}

func atlasInspect(t testing.TB, db *sql.DB, name string) *schema.Schema {
	t.Helper()
	driver, err := atlasmysql.Open(db)
	if err != nil {
		t.Fatal(err)
	}
	s, err := driver.InspectSchema(context.Background(), name, &schema.InspectOptions{Mode: schema.InspectTables})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func columnFact(table string, c *schema.Column) string {
	var generated, auto, update bool
	var comment schema.Comment
	for _, a := range c.Attrs {
		switch a := a.(type) {
		case *schema.GeneratedExpr:
			generated = true
		case *atlasmysql.AutoIncrement:
			auto = true
		case *atlasmysql.OnUpdate:
			update = true
		case *schema.Comment:
			comment = *a
		}
	}
	return fmt.Sprintf("column %s.%s %s null=%t default=%t generated=%t auto=%t update=%t %q",
		table, c.Name, c.Type.Raw, c.Type.Null, c.Default != nil, generated, auto, update, comment.Text)
}

func indexFact(table string, i *schema.Index, primary bool) string {
	typ, name := "BTREE", i.Name
	var comment schema.Comment
	for _, a := range i.Attrs {
		switch a := a.(type) {
		case *atlasmysql.IndexType:
			typ = a.T
		case *schema.Comment:
			comment = *a
		}
	}
	if primary {
		name = "PRIMARY"
	}
	var parts []string
	for _, p := range i.Parts {
		column, prefix := "", 0
		if p.C != nil {
			column = p.C.Name
		}
		for _, a := range p.Attrs {
			if s, ok := a.(*atlasmysql.SubPart); ok && typ != "SPATIAL" {
				prefix = s.Len
			}
		}
		parts = append(parts, fmt.Sprintf("%s %d %t", column, prefix, p.Desc))
	}
	return fmt.Sprintf("index %s.%s unique=%t %s %s %q", table, name, i.Unique || primary, typ, strings.Join(parts, ","), comment.Text)
}

func names(columns []*schema.Column) []string {
	var out []string
	for _, c := range columns {
		out = append(out, c.Name)
	}
	return out
}
