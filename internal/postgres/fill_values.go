package postgres

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/sample"
)

// valueTypes knows the types of a server by their parts, to write values of them.
type valueTypes struct {
	byOID   map[string]*valueType
	byName  map[string]*valueType
	fields  map[string][]fieldType // of composite types, by relation
	hints   map[object.ID][]string // texts of conditions, by table
	columns map[[2]string]columnValue
}

type valueType struct {
	oid, name, spelled, kind, category, base, element, relation, subtype, multiSubtype string
	mod                                                                                int
	labels, checks                                                                     []string
}

type fieldType struct {
	oid string
	mod int
}

func readValueTypes(rows map[string]*catalog.Rows, desired *object.State) *valueTypes {
	v := &valueTypes{
		byOID: map[string]*valueType{}, byName: map[string]*valueType{}, fields: map[string][]fieldType{},
		hints: map[object.ID][]string{}, columns: map[[2]string]columnValue{},
	}
	ids := map[string]object.ID{}
	_ = rows["types"].Each(func(r catalog.Row) error {
		t := &valueType{
			oid: r.Str("oid"), name: r.Str("name"), spelled: r.Str("spelled"), kind: r.Str("type"), category: r.Str("category"),
			base: r.Str("base"), element: r.Str("element"), relation: r.Str("relation"), subtype: r.Str("subtype"),
			multiSubtype: r.Str("multi_subtype"), mod: int(r.Int("mod")),
		}
		v.byOID[t.oid], v.byName[t.spelled] = t, t
		ids[t.oid] = object.ID{Kind: "enum", Schema: r.Str("schema"), Name: t.name}
		return nil
	})
	_ = rows["labels"].Each(func(r catalog.Row) error {
		t := v.byOID[r.Str("type")]
		t.labels = append(t.labels, r.Str("label"))
		return nil
	})
	_ = rows["fields"].Each(func(r catalog.Row) error {
		v.fields[r.Str("relation")] = append(v.fields[r.Str("relation")], fieldType{r.Str("type"), int(r.Int("mod"))})
		return nil
	})
	_ = rows["constraints"].Each(func(r catalog.Row) error {
		if t := v.byOID[r.Str("domain")]; t != nil {
			t.checks = append(t.checks, r.Str("def"))
		}
		return nil
	})
	for oid, t := range v.byOID {
		if t.kind == "e" {
			t.labels = staying(t.labels, desired, ids[oid])
		}
	}
	return v
}

// staying are the labels that an enum keeps; where it keeps none, all of them.
func staying(labels []string, desired *object.State, id object.ID) []string {
	e, ok := kind.Get[Enum](desired, id)
	if !ok {
		return labels
	}
	kept := slices.DeleteFunc(slices.Clone(labels), func(l string) bool { return !slices.Contains(e.V.Values, l) })
	if len(kept) == 0 {
		return labels
	}
	return kept
}

// columnValue makes values for one column.
type columnValue struct {
	types   *valueTypes
	oid     string
	mod     int
	spelled string
	wanted  string // the type in the desired state
	special []string
	fitting *valueType // the desired type, whose values a column of text is to hold
}

func (v *valueTypes) value(oid string, mod int, wanted string) columnValue {
	c := columnValue{types: v, oid: oid, mod: mod, wanted: wanted}
	t := v.byOID[oid]
	if t == nil {
		return c
	}
	c.spelled = t.spelled
	for d := t; d != nil && d.kind == "d"; d = v.byOID[d.base] {
		c.special = append(c.special, v.hinted(v.bottom(d), d.checks)...)
	}
	if before, _, _ := strings.Cut(wanted, "("); v.bottom(t).category == "S" && before != t.spelled {
		c.fitting = v.byName[before]
	}
	return c
}

// literal is the i-th value as a typed literal.
func (c columnValue) literal(i int) string {
	if c.fitting != nil {
		return c.typed(c.types.raw(c.fitting.oid, c.fitting.mod, i))
	}
	return c.typed(c.types.raw(c.oid, c.mod, i))
}

func (c columnValue) literals(raw []string) []string {
	out := make([]string, len(raw))
	for i, r := range raw {
		out[i] = c.typed(r)
	}
	return out
}

// typed leaves the length of a type out: a cast to it would cut the value off.
func (c columnValue) typed(raw string) string { return literal(raw) + "::" + castName(c.spelled) }

// castName is the type without what a cast would do to the value.
func castName(spelled string) string {
	switch spelled {
	case "character":
		return "bpchar"
	case "bit":
		return "varbit"
	}
	return spelled
}

func (c columnValue) hinted(texts []string) []string {
	t := c.types.byOID[c.oid]
	if t == nil || len(texts) == 0 {
		return nil
	}
	return c.types.hinted(c.types.bottom(t), texts)
}

// bottom is the type below domains.
func (v *valueTypes) bottom(t *valueType) *valueType {
	for t.kind == "d" && v.byOID[t.base] != nil {
		t = v.byOID[t.base]
	}
	return t
}

// hinted are the values that conditions may mean.
func (v *valueTypes) hinted(t *valueType, texts []string) []string {
	sort := sample.Other
	switch t.category {
	case "N":
		sort = sample.Number
	case "S":
		sort = sample.Text
	case "D":
		sort = sample.Time
	case "B", "E":
		sort = sample.Closed
	}
	return sample.Hints(sort, texts)
}

// raw is the i-th value of a type as its input function takes it.
func (v *valueTypes) raw(oid string, mod, i int) string {
	t := v.byOID[oid]
	if t == nil {
		return strconv.Itoa(i + 1)
	}
	switch t.kind {
	case "e":
		if len(t.labels) == 0 {
			return ""
		}
		return t.labels[i%len(t.labels)]
	case "d":
		return v.raw(t.base, t.mod, i)
	case "c":
		var parts []string
		for _, f := range v.fields[t.relation] {
			parts = append(parts, inner(v.raw(f.oid, f.mod, i)))
		}
		return "(" + strings.Join(parts, ",") + ")"
	case "r":
		return v.span(t.subtype, i)
	case "m":
		return "{" + v.span(t.multiSubtype, i) + "}"
	}
	if t.element != "" && t.element != "0" {
		return "{" + inner(v.raw(t.element, mod, i)) + "}"
	}
	return scalar(t, mod, i)
}

func (v *valueTypes) span(subtype string, i int) string {
	return "[" + inner(v.raw(subtype, -1, 2*i)) + "," + inner(v.raw(subtype, -1, 2*i+1)) + ")"
}

// inner quotes a value inside another.
func inner(raw string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(raw) + `"`
}

// scalar is the i-th value of a type of the server's own.
func scalar(t *valueType, mod, i int) string {
	n := i + 1
	for _, family := range []func(string, int) (string, bool){numbers, moments, addresses, documents, geometry} {
		if v, ok := family(t.name, n); ok {
			return v
		}
	}
	switch t.name {
	case "numeric":
		if mod >= 4 && (mod-4)>>16 <= (mod-4)&0xffff {
			return fmt.Sprintf("0.%0*d", (mod-4)&0x7ff, n)
		}
		if mod >= 4 {
			return sample.Within(n, (mod-4)>>16-(mod-4)&0x7ff)
		}
		return strconv.Itoa(n)
	case "bit":
		return fmt.Sprintf("%0*b", max(1, mod), n%(1<<min(20, max(1, mod))))
	case "char":
		return sample.Letters(i % 26)
	}
	return sample.Letters(i)
}

func numbers(name string, n int) (string, bool) {
	switch name {
	case "int2", "int4", "int8", "float4", "float8", "oid", "xid", "cid", "money", "xid8":
		return strconv.Itoa(n), true
	case "bool":
		return strconv.FormatBool(n%2 == 1), true
	case "varbit":
		return fmt.Sprintf("%b", n%2), true
	case "bytea":
		return fmt.Sprintf(`\x%02x%02x`, n/256%256, n%256), true
	case "pg_lsn":
		return fmt.Sprintf("0/%X", n), true
	case "tid":
		return fmt.Sprintf("(0,%d)", n), true
	case "txid_snapshot", "pg_snapshot":
		return fmt.Sprintf("%d:%d:", n, n), true
	}
	return "", false
}

func moments(name string, n int) (string, bool) {
	switch name {
	case "date":
		return fmt.Sprintf("2024-%02d-%02d", 1+n/28%12, 1+n%28), true
	case "timestamp", "timestamptz":
		return fmt.Sprintf("2024-%02d-%02d 10:00:00", 1+n/28%12, 1+n%28), true
	case "time", "timetz":
		return fmt.Sprintf("%02d:%02d:00", n/60%24, n%60), true
	case "interval":
		return fmt.Sprintf("%d days", n), true
	}
	return "", false
}

func addresses(name string, n int) (string, bool) {
	const most = 200
	switch name {
	case "uuid":
		return fmt.Sprintf("00000000-0000-4000-8000-%012x", n), true
	case "inet":
		return fmt.Sprintf("10.0.%d.%d", n/most, n%most), true
	case "cidr":
		return fmt.Sprintf("10.%d.%d.0/24", n/most, n%most), true
	case "macaddr":
		return fmt.Sprintf("08:00:2b:01:%02x:%02x", n/256%256, n%256), true
	case "macaddr8":
		return fmt.Sprintf("08:00:2b:01:02:03:%02x:%02x", n/256%256, n%256), true
	}
	return "", false
}

func documents(name string, n int) (string, bool) {
	switch name {
	case "json", "jsonb":
		return fmt.Sprintf(`{"a": %d}`, n), true
	case "jsonpath":
		return fmt.Sprintf("$.a%d", n), true
	case "xml":
		return fmt.Sprintf("<a>%d</a>", n), true
	case "hstore":
		return fmt.Sprintf("a=>%d", n), true
	}
	return "-", strings.HasPrefix(name, "reg") // regclass and its like
}

func geometry(name string, n int) (string, bool) {
	switch name {
	case "point":
		return fmt.Sprintf("(%d,%d)", n, n), true
	case "line":
		return fmt.Sprintf("{1,%d,0}", n), true
	case "lseg", "box":
		return fmt.Sprintf("(%d,%d),(%d,%d)", 2*n, 2*n, 2*n+1, 2*n+1), true
	case "path", "polygon":
		return fmt.Sprintf("((%d,%d),(%d,%d),(%d,%d))", n, n, n+1, n, n, n+1), true
	case "circle":
		return fmt.Sprintf("<(%d,%d),1>", 3*n, 3*n), true
	}
	return "", false
}
