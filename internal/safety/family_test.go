package safety

import (
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"slices"
	"strconv"
	"testing"
)

func TestParseType(t *testing.T) {
	for spelled, want := range map[string]Type{
		"character varying(20)":          {Family: "varchar", Sizes: []int{20}},
		"varchar(20)":                    {Family: "varchar", Sizes: []int{20}},
		"numeric(10,2)":                  {Family: "numeric", Sizes: []int{10, 2}},
		"text[]":                         {Family: "text", Array: true},
		"character varying(5)[]":         {Family: "varchar", Sizes: []int{5}, Array: true},
		"timestamp(3) with time zone":    {Family: "timestamptz", Sizes: []int{3}},
		"int unsigned":                   {Family: "int", Unsigned: true},
		"decimal(5,1) unsigned zerofill": {Family: "numeric", Sizes: []int{5, 1}, Unsigned: true},
		"enum('a(','b')":                 {Family: "enum"},
		"double precision":               {Family: "double"},
		"public.mood":                    {Family: "public.mood"},
		"INTEGER":                        {Family: "int"},
	} {
		if got := ParseType(spelled); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v", spelled, got)
		}
	}
}

// TestVerbsAreAll holds the list of verbs to the constants.
func TestVerbsAreAll(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "action.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var found int
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if typ, ok := spec.Type.(*ast.Ident); !ok || typ.Name != "Verb" {
			return true
		}
		found++
		text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil || !slices.Contains(Verbs(), Verb(text)) {
			t.Errorf("%s is not in the list", spec.Names[0].Name)
		}
		return true
	})
	if found != len(Verbs()) || found == 0 {
		t.Errorf("%d constants, %d in the list", found, len(Verbs()))
	}
}
