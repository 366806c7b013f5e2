package atlas

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"ariga.io/atlas/schemahcl"
	"ariga.io/atlas/sql/postgres"
	"ariga.io/atlas/sql/schema"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// Types are the words and functions for the types of a dialect in Atlas's HCL: text, varchar(255).
type Types struct {
	Words map[string]cty.Value
	Funcs map[string]function.Function

	registry *schemahcl.TypeRegistry
	parse    func(string) (schema.Type, error)
	format   func(*schemahcl.Type, schema.Type) (string, error)
}

// columnType is what the words and functions evaluate to: a type as the dialect spells it.
type columnType struct{ sql string }

// PostgresTypes are the types of PostgreSQL.
func PostgresTypes() *Types {
	t := newTypes(postgres.TypeRegistry, postgres.ParseType, formatPostgres)
	for long, short := range map[string]string{
		"timestamp_with_time_zone": "timestamptz", "timestamp_without_time_zone": "timestamp",
		"time_with_time_zone": "timetz", "time_without_time_zone": "time",
	} {
		t.Words[long], t.Funcs[long] = t.Words[short], t.Funcs[short]
	}
	return t
}

// defaultPrecision is what the types of times have without one; Atlas leaves it out.
const defaultPrecision = "6"

// formatPostgres spells a type as the server does. Atlas prints aliases for the types of times.
func formatPostgres(written *schemahcl.Type, t schema.Type) (string, error) {
	name, zone := written.T, " without time zone"
	switch written.T {
	case postgres.TypeTimestampTZ, postgres.TypeTimeTZ:
		name, zone = strings.TrimSuffix(written.T, "tz"), " with time zone"
	case postgres.TypeTimestamp, postgres.TypeTime:
	default:
		return postgres.FormatType(t)
	}
	for _, a := range written.Attrs {
		if precision := a.V.AsBigFloat().Text('f', -1); precision != defaultPrecision {
			name += "(" + precision + ")"
		}
	}
	return name + zone, nil
}

func newTypes(r *schemahcl.TypeRegistry, parse func(string) (schema.Type, error), format func(*schemahcl.Type, schema.Type) (string, error)) *Types {
	t := &Types{
		Words: map[string]cty.Value{}, Funcs: map[string]function.Function{},
		registry: r, parse: parse, format: format,
	}
	capsule := cty.Capsule("type", reflect.TypeFor[columnType]())
	for _, spec := range r.Specs() {
		args := arguments(spec)
		if len(args) == 0 || !args[0].Required {
			if sql, err := t.sql(&schemahcl.Type{T: spec.T}); err == nil {
				t.Words[spec.Name] = cty.CapsuleVal(capsule, &columnType{sql})
			}
		}
		if len(args) > 0 {
			t.Funcs[spec.Name] = t.function(spec, args, capsule)
		}
	}
	return t
}

// arguments are the attributes of a type that are given in parentheses; unsigned is an attribute of the column.
func arguments(spec *schemahcl.TypeSpec) []*schemahcl.TypeAttr {
	var out []*schemahcl.TypeAttr
	for _, a := range spec.Attributes {
		if a.Name != "unsigned" {
			out = append(out, a)
		}
	}
	return out
}

func (t *Types) function(spec *schemahcl.TypeSpec, args []*schemahcl.TypeAttr, capsule cty.Type) function.Function {
	return function.New(&function.Spec{
		Description: "the type " + spec.T,
		VarParam:    &function.Parameter{Name: "arguments", Type: cty.DynamicPseudoType},
		Type:        function.StaticReturnType(capsule),
		Impl: func(given []cty.Value, _ cty.Type) (cty.Value, error) {
			typ := &schemahcl.Type{T: spec.T}
			for i, a := range args {
				if a.Kind == reflect.Slice {
					if len(given) > i {
						typ.Attrs = append(typ.Attrs, &schemahcl.Attr{K: a.Name, V: cty.TupleVal(given[i:])})
						given = given[:i]
					}
					break
				}
				if i < len(given) {
					if err := fits(a.Kind, given[i]); err != nil {
						return cty.NilVal, fmt.Errorf("%s of type %s: %w", a.Name, spec.Name, err)
					}
					typ.Attrs = append(typ.Attrs, &schemahcl.Attr{K: a.Name, V: given[i]})
				} else if a.Required {
					return cty.NilVal, fmt.Errorf("type %s needs its %s", spec.Name, a.Name)
				}
			}
			if len(given) > len(args) {
				return cty.NilVal, fmt.Errorf("type %s takes at most %d arguments", spec.Name, len(args))
			}
			sql, err := t.sql(typ)
			if err != nil {
				return cty.NilVal, err
			}
			return cty.CapsuleVal(capsule, &columnType{sql}), nil
		},
	})
}

func fits(kind reflect.Kind, v cty.Value) error {
	switch kind {
	case reflect.Int, reflect.Int64:
		if v.Type() != cty.Number || !v.AsBigFloat().IsInt() {
			return errors.New("a whole number is required")
		}
	case reflect.String:
		if v.Type() != cty.String {
			return errors.New("a string is required")
		}
	}
	return nil
}

// sql spells a type as the dialect does.
func (t *Types) sql(typ *schemahcl.Type) (string, error) {
	st, err := t.registry.Type(typ, nil)
	if err != nil {
		return "", err
	}
	return t.format(typ, st)
}

// SQL is the spelling of a type that a word or a function made.
func (t *Types) SQL(v cty.Value) (string, bool) {
	c, ok := encapsulated(v).(*columnType)
	if !ok {
		return "", false
	}
	return c.sql, true
}

// HCL spells a type of the server's as a word or function of Atlas's HCL. ok is false when that would not give
// exactly the same type back.
func (t *Types) HCL(sql string) (expr string, ok bool) {
	st, err := t.parse(sql)
	if err != nil {
		return "", false
	}
	typ, err := t.registry.Convert(st)
	if err != nil {
		return "", false
	}
	if !strings.Contains(sql, "(") {
		typ.Attrs = nil // Atlas adds what it takes for the type's default precision
	}
	if back, err := t.sql(typ); err != nil || !sameType(back, sql) {
		typ.Attrs = nil
		if back, err := t.sql(typ); err != nil || !sameType(back, sql) {
			return "", false
		}
	}
	for _, spec := range t.registry.Specs() {
		if spec.T == typ.T {
			return typeExpr(spec, typ), true
		}
	}
	return "", false
}

// sameType knows that a numeric without a scale has none (PostgreSQL manual, "Arbitrary Precision Numbers").
func sameType(a, b string) bool {
	return a == b || strings.HasPrefix(a, "numeric(") && strings.TrimSuffix(a, ")")+",0)" == b
}

func typeExpr(spec *schemahcl.TypeSpec, typ *schemahcl.Type) string {
	var args []string
	for _, a := range typ.Attrs {
		switch {
		case a.K == "unsigned":
		case a.V.Type() == cty.Number:
			args = append(args, a.V.AsBigFloat().Text('f', -1))
		case a.V.Type() == cty.String:
			args = append(args, strconv.Quote(a.V.AsString()))
		case a.V.CanIterateElements():
			for it := a.V.ElementIterator(); it.Next(); {
				_, v := it.Element()
				args = append(args, strconv.Quote(v.AsString()))
			}
		}
	}
	if len(args) == 0 {
		return spec.Name
	}
	return spec.Name + "(" + strings.Join(args, ", ") + ")"
}
