package mysql

import (
	"strings"

	"github.com/schemactl/schemactl/internal/safety"
)

// primaryName is the name of every primary key.
const primaryName = "PRIMARY"

// createTable reads CREATE TABLE after that word.
func (r *reader) createTable(a safety.Action, temporary bool) {
	a.Verb, a.IfNotExists = safety.CreateTable, r.ifNotExists()
	a.Table = r.name()
	t := &safety.Table{Name: a.Table, Kind: "table", Temporary: temporary, Rows: -1, Bytes: -1}
	like := r.Take("like")
	if !like && r.Peek().Is("(") && r.PeekAt(1).Is("like") {
		r.Next()
		like = r.Take("like")
	}
	if like {
		t.Opaque, a.Of, a.Kind = true, r.name(), "like"
	} else if r.Peek().Is("(") && !r.PeekAt(1).Is("select", "with") {
		r.tableElements(t)
	}
	for !r.Done() {
		switch {
		case r.Take("partition", "by"):
			r.Take("linear")
			t.PartitionBy = strings.ToLower(r.word())
			r.Until("as", "select")
		case r.Take("as"), r.Peek().Is("select", "with", "values", "table"), r.Take("("):
			t.Opaque = true
			r.Rest()
		default:
			r.option(func(o safety.Action) { t.Set(o) })
		}
	}
	a.New = t
	r.add(a)
}

// tableElements reads the columns and keys of a table.
func (r *reader) tableElements(t *safety.Table) {
	r.Take("(")
	for !r.Done() && !r.Take(")") {
		if k, ok := r.key(); ok {
			t.AddKey(k.Constraint, k.Index)
		} else {
			c, inline := r.column()
			t.Columns = append(t.Columns, c)
			for _, k := range inline {
				t.AddKey(&k, nil)
			}
		}
		r.Until(",", ")")
		r.Take(",")
	}
}

// key reads an index or a constraint of a table; ok is false where something else comes next.
func (r *reader) key() (a safety.Action, ok bool) {
	start := r.Pos
	k := &safety.Constraint{}
	named := r.Take("constraint")
	if named && !r.Peek().Is("primary", "foreign", "unique", "check") {
		k.Name = r.word()
	}
	switch {
	case r.Take("primary", "key"):
		r.ifNotExists()
		r.Until("(")
		k.Type, k.Name = safety.Primary, primaryName
		k.Columns, _ = r.keyParts()
	case r.Take("unique"):
		r.TakeAny("index", "key")
		r.ifNotExists()
		k.Name = orName(r.keyName(), k.Name)
		k.Type = safety.Unique
		k.Columns, _ = r.keyParts()
	case r.Take("foreign", "key"):
		r.ifNotExists()
		k.Name = orName(k.Name, r.keyName())
		k.Type, k.Columns = safety.Foreign, r.columnList()
		r.Take("references")
		r.references(k)
	case r.Peek().Is("check") && (named || r.PeekAt(1).Is("(")):
		r.Next()
		k.Type, k.Expr = safety.Check, r.Group()
		k.NotEnforced = r.notEnforced()
	case r.Peek().Is("index", "key", "fulltext", "spatial"), r.Peek().Is("vector") && r.PeekAt(1).Is("index", "key"):
		return safety.Action{Index: r.index()}, true
	case r.Take("period", "for"):
		return safety.Action{}, true
	default:
		r.Pos = start
		return safety.Action{}, false
	}
	return safety.Action{Constraint: k}, true
}

func orName(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

// keyName reads the name of an index and how it is stored.
func (r *reader) keyName() string {
	name := ""
	if !r.Peek().Is("(", "using", "type") {
		name = r.word()
	}
	if r.TakeAny("using", "type") != "" {
		r.Next()
	}
	return name
}

// index reads an index after CREATE or ADD.
func (r *reader) index() *safety.Index {
	x := &safety.Index{Type: r.TakeAny("fulltext", "spatial", "vector")}
	r.TakeAny("index", "key")
	r.ifNotExists()
	x.Name = r.keyName()
	x.Columns, x.Prefix = r.keyParts()
	r.indexEnd(x)
	return x
}

// indexEnd reads the options of an index.
func (r *reader) indexEnd(x *safety.Index) {
	for !r.Done() && !r.Peek().Is(",", ")", "algorithm", "lock") {
		switch {
		case r.TakeAny("invisible", "ignored") != "":
			x.Invisible = true
		case r.Take("using"):
			x.Method = strings.ToLower(r.word())
		default:
			r.Next()
		}
	}
}

// option reads one option of a table, and passes it on as an action. It always goes on.
func (r *reader) option(put func(safety.Action)) {
	r.Take("default")
	start := r.Pos
	var charset string
	switch {
	case r.Take(","):
	case r.charset(&charset):
		put(safety.Action{Verb: safety.TableOption, Name: "charset", Expr: charset, Change: string(tableDetail)})
	case r.Take("collate"):
		put(safety.Action{Verb: safety.TableOption, Name: "collate", Expr: plainCollation(r.value()), Change: string(tableDetail)})
	case r.TakeAny("engine", "type") != "":
		put(safety.Action{Verb: safety.Engine, Expr: r.value()})
	case r.Take("auto_increment"):
		put(safety.Action{Verb: safety.TableOption, Name: "auto_increment", Expr: r.value(), Change: string(raiseCounter)})
	case r.Take("comment"):
		put(safety.Action{Verb: safety.TableOption, Name: "comment", Expr: r.value(), Change: string(tableDetail)})
	case r.Take("tablespace"):
		put(safety.Action{Verb: safety.SetTablespace, Expr: r.value()})
	case r.TakeAny("data", "index") != "":
		r.Take("directory")
		r.value()
	case r.Take("union"):
		r.Take("=")
		r.Group()
	case r.Take("with", "system", "versioning"):
		put(safety.Action{Verb: safety.TableOption, Name: "versioning", Change: string(addVersioning)})
	case r.isName(r.Peek()):
		name := strings.ToLower(r.word())
		value := r.value()
		verb := safety.TableOption
		ch := optionChange(name)
		if ch == rowFormat || ch == compression || ch == pageCompression || ch == encryption {
			verb = safety.RowFormat
		}
		put(safety.Action{Verb: verb, Name: name, Expr: value, Change: string(ch)})
	}
	if r.Pos == start {
		r.Next()
	}
}
