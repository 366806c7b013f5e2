package atlas_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	atlaspg "ariga.io/atlas/sql/postgres"
	"ariga.io/atlas/sql/schema"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/postgres"
)

// published are examples in Atlas's published syntax, as far as its library converts them.
var published = map[string]string{
	"columns": `
schema "app" { comment = "main" }
table "item" {
  schema  = schema.app
  comment = "things"
  column "id" {
    type = bigint
    identity {
      generated = BY_DEFAULT
      start     = 100
    }
  }
  column "label" {
    type    = varchar(80)
    null    = true
    default = "new"
    comment = "what it is called"
  }
  column "qty" {
    type = int
  }
  column "twice" {
    type = int
    as {
      expr = "qty * 2"
      type = STORED
    }
  }
  column "thrice" {
    type = int
    as   = "qty * 3"
  }
  column "flag" {
    type    = boolean
    default = true
  }
  column "n" {
    type    = numeric(10, 2)
    default = 1
  }
  column "at" {
    type    = timestamptz(3)
    default = sql("now()")
  }
  column "t" {
    type = time
  }
  column "tags" {
    type = sql("text[]")
  }
  column "s" {
    type = serial
  }
  column "b" {
    type = bit_varying(5)
  }
  column "i" {
    type = interval
  }
  primary_key {
    columns = [column.id]
  }
}`,
	"keys and indexes": `
schema "app" {}
table "owner" {
  schema = schema.app
  column "id" { type = int }
  column "parent" { type = int }
  primary_key { columns = [column.id] }
  foreign_key "self" {
    columns     = [column.parent]
    ref_columns = [column.id]
    on_update   = NO_ACTION
  }
}
table "item" {
  schema = schema.app
  column "label" { type = varchar(80) }
  column "qty" { type = int }
  column "owner_id" {
    type = int
    null = true
  }
  index "ix" {
    unique = true
    type   = BTREE
    on {
      column = column.label
      ops    = varchar_pattern_ops
    }
    where = "qty > 0"
  }
  index "parts" {
    on {
      column     = column.qty
      desc       = true
      nulls_last = true
    }
    on {
      expr = "lower(label)"
    }
  }
  index "covering" {
    columns        = [column.qty]
    include        = [column.label]
    type           = GIST
    nulls_distinct = false
  }
  unique "uq" {
    columns = [column.label, column.qty]
  }
  foreign_key "fk" {
    columns     = [column.owner_id]
    ref_columns = [table.owner.column.id]
    on_delete   = SET_NULL
    on_update   = CASCADE
  }
  check "pos" { expr = "qty > 0" }
}`,
	"enums and two schemas": `
variable "tenant" {
  type    = string
  default = "b"
}
locals {
  sizes = ["s", "m"]
}
schema "a" {}
schema "b" { name = var.tenant }
enum "size" {
  schema = schema.a
  values = local.sizes
}
table "a" "t" {
  schema = schema.a
  column "id" { type = int }
  column "size" { type = enum.size }
  primary_key { columns = [column.id] }
}
table "b" "t" {
  schema = schema.b
  column "id" { type = int }
  foreign_key "up" {
    columns     = [column.id]
    ref_columns = [table.a.t.column.id]
  }
}`,
	"partition": `
schema "app" {}
table "logs" {
  schema = schema.app
  column "day" { type = date }
  column "msg" { type = text }
  partition {
    type = RANGE
    by { column = column.day }
    by { expr = "lower(msg)" }
  }
}`,
}

// TestAgreesWithAtlas evaluates Atlas's published syntax with Atlas and with schemactl and compares the tables.
func TestAgreesWithAtlas(t *testing.T) {
	for name, text := range published {
		t.Run(name, func(t *testing.T) {
			var realm schema.Realm
			if err := atlaspg.EvalHCLBytes([]byte(text), &realm, nil); err != nil {
				t.Fatalf("Atlas: %v", err)
			}
			blocks, faults := hcl.Eval([]hcl.File{{Name: "x.hcl", Text: []byte(text)}}, postgres.Dialect{}.Vocabulary(), hcl.Inputs{})
			if err := faults.Err(); err != nil {
				t.Fatal(err)
			}
			state, faults := postgres.Dialect{}.DecodeHCL(blocks, dialect.Scope{})
			if err := faults.Err(); err != nil {
				t.Fatal(err)
			}
			theirs, ours := atlasLines(t, &realm), stateLines(state)
			for _, l := range theirs {
				if !slices.Contains(ours, l) {
					t.Errorf("only Atlas has   %s", l)
				}
			}
			for _, l := range ours {
				if !slices.Contains(theirs, l) {
					t.Errorf("only schemactl has %s", l)
				}
			}
			if len(theirs) < 3 {
				t.Errorf("Atlas sees only %q", theirs)
			}
		})
	}
}

// atlasLines lists what Atlas made of a document, a line each.
func atlasLines(t *testing.T, r *schema.Realm) []string {
	t.Helper()
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	for _, s := range r.Schemas {
		add("schema %s", s.Name)
		for _, o := range s.Objects {
			if e, ok := o.(*schema.EnumType); ok {
				add("enum %s.%s %q", s.Name, e.T, e.Values)
			}
		}
		for _, table := range s.Tables {
			at := s.Name + "." + table.Name
			add("table %s", at)
			for _, c := range table.Columns {
				add("column %s.%s %s null=%v", at, c.Name, atlasType(t, c.Type.Type), c.Type.Null)
				if x, ok := c.Default.(*schema.Literal); ok {
					value := strings.Trim(x.V, `"'`)
					if _, isText := c.Type.Type.(*schema.StringType); isText {
						value = "'" + value + "'" // Atlas adds the quotes when it plans
					}
					add("default %s.%s %s", at, c.Name, value)
				} else if x, ok := c.Default.(*schema.RawExpr); ok {
					add("default %s.%s %s", at, c.Name, x.X)
				}
				for _, a := range c.Attrs {
					switch a := a.(type) {
					case *schema.GeneratedExpr:
						add("generated %s.%s %s", at, c.Name, a.Expr)
					case *atlaspg.Identity:
						add("identity %s.%s %s start %d", at, c.Name, a.Generation, a.Sequence.Start)
					case *schema.Comment:
						add("comment %s.%s %s", at, c.Name, a.Text)
					}
				}
			}
			if table.PrimaryKey != nil {
				add("primary key %s %s", at, atlasParts(table.PrimaryKey))
			}
			for _, i := range table.Indexes {
				add("index %s %s unique=%v %s", at, i.Name, i.Unique, atlasParts(i))
			}
			for _, f := range table.ForeignKeys {
				add("foreign key %s %s %s -> %s.%s %s update=%s delete=%s", at, f.Symbol, columnNames(f.Columns),
					f.RefTable.Schema.Name, f.RefTable.Name, columnNames(f.RefColumns), action(f.OnUpdate), action(f.OnDelete))
			}
			for _, a := range table.Attrs {
				switch a := a.(type) {
				case *schema.Check:
					add("check %s %s %s", at, a.Name, a.Expr)
				case *atlaspg.Partition:
					var parts []string
					for _, p := range a.Parts {
						if p.C != nil {
							parts = append(parts, p.C.Name)
						} else {
							parts = append(parts, p.X.(*schema.RawExpr).X)
						}
					}
					add("partition %s %s %s", at, a.T, strings.Join(parts, ", "))
				}
			}
		}
	}
	slices.Sort(out)
	return out
}

func action(a schema.ReferenceOption) string {
	if a == schema.NoAction {
		return ""
	}
	return string(a)
}

func columnNames(list []*schema.Column) []string {
	var out []string
	for _, c := range list {
		out = append(out, c.Name)
	}
	return out
}

// atlasType spells a type in Atlas's words, whoever named it.
func atlasType(t *testing.T, typ schema.Type) string {
	t.Helper()
	if e, ok := typ.(*schema.EnumType); ok {
		return fmt.Sprintf("%q.%q", e.Schema.Name, e.T)
	}
	text, err := atlaspg.FormatType(typ)
	if err != nil {
		t.Fatal(err)
	}
	return sameWords(text)
}

func sameWords(text string) string {
	if typ, err := atlaspg.ParseType(text); err == nil {
		if again, err := atlaspg.FormatType(typ); err == nil {
			return again
		}
	}
	return text
}

func atlasParts(i *schema.Index) string {
	var out []string
	for _, p := range i.Parts {
		text := ""
		if p.C != nil {
			text = p.C.Name
		} else {
			text = strings.Trim(p.X.(*schema.RawExpr).X, "()") + ")"
		}
		if p.Desc {
			text += " desc"
		}
		for _, a := range p.Attrs {
			switch a := a.(type) {
			case *atlaspg.IndexOpClass:
				text += " " + a.Name
			case *atlaspg.IndexColumnProperty:
				text += fmt.Sprintf(" last=%v", a.NullsLast)
			}
		}
		out = append(out, text)
	}
	text := strings.Join(out, ", ")
	for _, a := range i.Attrs {
		switch a := a.(type) {
		case *atlaspg.IndexType:
			if a.T != "BTREE" {
				text += " type " + strings.ToLower(a.T)
			}
		case *atlaspg.IndexPredicate:
			text += " where " + a.P
		case *atlaspg.IndexInclude:
			text += fmt.Sprintf(" include %s", columnNames(a.Columns))
		case *atlaspg.IndexNullsDistinct:
			text += fmt.Sprintf(" distinct=%v", a.V)
		}
	}
	return text
}

// stateLines lists objects in the same words.
func stateLines(s *object.State) []string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	for _, o := range s.All() {
		at := o.ID.Schema + "." + o.ID.Table
		switch v := o.Value.(type) {
		case *postgres.Schema:
			add("schema %s", o.ID.Name)
		case *postgres.Enum:
			add("enum %s.%s %q", o.ID.Schema, o.ID.Name, v.Values)
		case *postgres.Table:
			add("table %s.%s", o.ID.Schema, o.ID.Name)
			if typ, key, ok := strings.Cut(v.PartitionBy, " "); ok {
				key = strings.NewReplacer(`"`, "", "(l", "l").Replace(strings.TrimSuffix(strings.TrimPrefix(key, "("), ")"))
				add("partition %s.%s %s %s", o.ID.Schema, o.ID.Name, typ, key)
			}
		case *postgres.Column:
			add("column %s.%s %s null=%v", at, o.ID.Name, sameWords(v.Type), !v.NotNull)
			if v.Generated != "" {
				add("generated %s.%s %s", at, o.ID.Name, v.Generated)
			}
			if v.Identity.Generated != "" {
				add("identity %s.%s %s start %d", at, o.ID.Name, v.Identity.Generated, v.Identity.Start)
			}
		case *postgres.Default:
			add("default %s.%s %s", at, o.ID.Name, v.Expr)
		case *postgres.Comment:
			if v.Target.Kind == "column" {
				add("comment %s.%s %s", at, v.Target.Name, v.Text)
			}
		case *postgres.Index:
			add("index %s %s unique=%v %s", at, o.ID.Name, v.Unique, stateParts(v))
		case *postgres.Constraint:
			switch o.ID.Kind {
			case "primary_key":
				add("primary key %s %s", at, strings.Join(v.Columns, ", "))
			case "unique":
				add("index %s %s unique=true %s", at, o.ID.Name, strings.Join(v.Columns, ", "))
			case "check":
				add("check %s %s %s", at, o.ID.Name, v.Expr)
			case "foreign_key":
				add("foreign key %s %s %s -> %s.%s %s update=%s delete=%s", at, o.ID.Name, v.Columns, v.RefSchema, v.RefTable, v.RefColumns, v.OnUpdate, v.OnDelete)
			}
		}
	}
	slices.Sort(out)
	return out
}

func stateParts(x *postgres.Index) string {
	var out []string
	for _, p := range x.Parts {
		text := p.Column
		if p.Column == "" {
			text = strings.Trim(p.Expr, "()") + ")"
		}
		if p.Desc {
			text += " desc"
		}
		if p.NullsFirst != p.Desc {
			text += fmt.Sprintf(" last=%v", !p.NullsFirst)
		}
		if p.OpClass != "" {
			text += " " + strings.Trim(p.OpClass, `"`)
		}
		out = append(out, text)
	}
	text := strings.Join(out, ", ")
	if x.Method != "btree" {
		text += " type " + x.Method
	}
	if x.Where != "" {
		text += " where " + x.Where
	}
	if x.NullsNotDistinct {
		text += " distinct=false"
	}
	if len(x.Include) > 0 {
		text += fmt.Sprintf(" include %s", x.Include)
	}
	return text
}
