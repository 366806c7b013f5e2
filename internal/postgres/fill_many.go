package postgres

import (
	"fmt"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/sample"
)

// many makes values of the column out of numbers above a thousand, such that the desired type takes them, too; nil where
// that takes more than is known of the types.
func (c columnValue) many() *sample.Maker {
	t := c.types.byOID[c.oid]
	if t == nil || t.kind == "d" && len(t.checks) > 0 {
		return nil
	}
	base, mod := c.types.bottom(t), c.mod
	if t.kind == "d" {
		mod = t.mod
	}
	m := maker(base, mod)
	if c.wanted != "" && m != nil {
		name, _, _ := strings.Cut(c.wanted, "(")
		later := c.types.byName[name]
		if later == nil || later.kind == "d" && len(later.checks) > 0 {
			return nil
		}
		if later.spelled != base.spelled || modOf(c.wanted) != modOf(spelledMod(base, mod)) {
			m = tighter(typed{base, mod}, typed{c.types.bottom(later), typmod(later, c.wanted)})
		}
	}
	if m == nil {
		return nil
	}
	spell, cast := m.SQL, "::"+castName(c.spelled)
	return &sample.Maker{Most: m.Most, SQL: func(n string) string { return "(" + spell(n) + ")" + cast }}
}

// typed is a type with its modifier.
type typed struct {
	*valueType
	mod int
}

// tighter makes values that both types take, where they are for the same sort of values.
func tighter(now, later typed) *sample.Maker {
	a, b := maker(now.valueType, now.mod), maker(later.valueType, later.mod)
	switch {
	case a == nil || b == nil || now.category != later.category || now.category == "E":
		return nil
	case now.category == "S" && now.mod >= 4 && (later.mod < 4 || now.mod < later.mod):
		return a
	case now.category == "S" || b.Most < a.Most:
		return b
	}
	return a
}

func modOf(spelled string) string {
	_, mod, _ := strings.Cut(spelled, "(")
	return mod
}

// spelledMod spells a type with its modifier, as the desired state does.
func spelledMod(t *valueType, mod int) string {
	switch {
	case t.name == "numeric" && mod >= 4:
		return fmt.Sprintf("numeric(%d,%d)", (mod-4)>>16, (mod-4)&0x7ff)
	case (t.name == "varchar" || t.name == "bpchar") && mod >= 4:
		return fmt.Sprintf("%s(%d)", t.spelled, mod-4)
	}
	return t.spelled
}

// typmod is the number by which the server knows the modifier of a spelled type.
func typmod(t *valueType, spelled string) int {
	var a, b int
	inner := modOf(spelled)
	switch n, _ := fmt.Sscanf(inner, "%d,%d", &a, &b); {
	case n == 0:
		return -1
	case t.name == "numeric":
		return a<<16 + b + 4
	}
	return a + 4
}

// maker makes values of a type of the server's own, and of enums.
func maker(t *valueType, mod int) *sample.Maker {
	if t.kind == "e" {
		return labelled(t.labels)
	}
	if t.kind != "b" || t.element != "" && t.element != "0" {
		return nil
	}
	of := func(most int64, form string) *sample.Maker {
		return &sample.Maker{Most: most, SQL: func(n string) string { return strings.ReplaceAll(form, "n", n) }}
	}
	switch t.name {
	case "int2":
		return of(31_000, "1001 + n % 31000")
	case "int4":
		return of(2_000_000_000, "n")
	case "int8", "float8", "money":
		return of(sample.Endless, "n")
	case "float4":
		return of(16_000_000, "n")
	case "numeric":
		return figures(mod)
	case "bool":
		return of(0, "n % 2 = 0")
	}
	return madeOf(t.name, mod)
}

// madeOf spells values whose form needs more than a pattern.
func madeOf(name string, mod int) *sample.Maker {
	form, most := "", sample.Endless
	switch name {
	case "text", "varchar", "bpchar", "citext":
		return letters(mod)
	case "uuid":
		form = "pg_catalog.md5((%s)::text)::uuid"
	case "bytea":
		form = "pg_catalog.decode(pg_catalog.md5((%s)::text), 'hex')"
	case "date":
		form, most = "DATE '0100-01-01' + ((%s) %% 600000)::int", 600_000
	case "timestamp":
		form = "TIMESTAMP '2030-01-01' + (%s) * INTERVAL '1 second'"
	case "timestamptz":
		form = "TIMESTAMPTZ '2030-01-01 00:00:00+00' + (%s) * INTERVAL '1 second'"
	case "interval":
		form, most = "(%s) * INTERVAL '1 second'", 0
	case "json", "jsonb":
		form, most = "pg_catalog.jsonb_build_object('a', %s)", 0
	case "inet":
		form, most = "'11.0.0.0'::inet + (%s)", 16_000_000
	default:
		return nil
	}
	return &sample.Maker{Most: most, SQL: func(n string) string { return fmt.Sprintf(form, n) }}
}

// figures makes numbers of a precision.
func figures(mod int) *sample.Maker {
	if mod < 4 {
		return &sample.Maker{Most: sample.Endless, SQL: func(n string) string { return n }}
	}
	before := (mod-4)>>16 - (mod-4)&0x7ff
	switch {
	case before < 1:
		return nil
	case before >= 12:
		return &sample.Maker{Most: sample.Endless, SQL: func(n string) string { return n }}
	}
	most := int64(1)
	for range before {
		most *= 10
	}
	if before < 4 {
		return &sample.Maker{SQL: func(n string) string { return fmt.Sprintf("(%s) %% %d", n, most) }}
	}
	return &sample.Maker{Most: most - 1001, SQL: func(n string) string { return fmt.Sprintf("1001 + (%s) %% %d", n, most-1001) }}
}

// letters makes texts as long as a type allows, up to that of a short sentence.
func letters(mod int) *sample.Maker {
	length := mod - 4
	switch {
	case mod < 4 || length >= 44:
		return &sample.Maker{Most: sample.Endless, SQL: func(n string) string { return fmt.Sprintf("(%[1]s)::text || '-' || pg_catalog.md5((%[1]s)::text)", n) }}
	case length >= 11:
		return &sample.Maker{Most: sample.Endless, SQL: func(n string) string { return fmt.Sprintf("(%s)::text", n) }}
	case length < 4:
		return &sample.Maker{SQL: func(n string) string {
			return fmt.Sprintf("pg_catalog.left(pg_catalog.md5((%s)::text), %d)", n, max(1, length))
		}}
	}
	most := int64(1) << (4 * length)
	return &sample.Maker{Most: most, SQL: func(n string) string {
		return fmt.Sprintf("pg_catalog.lpad(pg_catalog.to_hex((%s) %% %d), %d, '0')", n, most, length)
	}}
}

func labelled(labels []string) *sample.Maker {
	if len(labels) == 0 {
		return nil
	}
	quoted := slices.Clone(labels)
	for i, l := range quoted {
		quoted[i] = literal(l)
	}
	return &sample.Maker{SQL: func(n string) string {
		return fmt.Sprintf("(ARRAY[%s])[1 + (%s) %% %d]", strings.Join(quoted, ", "), n, len(quoted))
	}}
}
