package hcl

import (
	"strings"

	"github.com/schemactl/schemactl/internal/diag"
)

// Kind is what a value is. Kinds combine where an attribute takes several.
type Kind uint16

// The kinds of values.
const (
	String    Kind = 1 << iota // "text"
	Number                     // 10, 2.5
	Bool                       // true, false
	SQL                        // sql("now()"): an expression that goes to the server as it is
	Word                       // CASCADE: one of a closed list
	Type                       // varchar(255): a type of the dialect
	Reference                  // column.id, table.users.column.id
	List                       // [a, b]
	Object                     // {a = 1}
)

// Expr is what an attribute takes that holds SQL: a string, or sql("…").
const Expr = String | SQL

// String lists the kinds for people.
func (k Kind) String() string {
	var out []string
	for i, name := range []string{"a string", "a number", "true or false", `sql("…")`, "a word", "a type", "a reference", "a list", "an object"} {
		if k&(1<<i) != 0 {
			out = append(out, name)
		}
	}
	if n := len(out); n > 1 {
		return strings.Join(out[:n-1], ", ") + " or " + out[n-1]
	}
	return strings.Join(out, "")
}

// Value is an evaluated value, or one to be written.
type Value struct {
	Kind Kind
	Text string // of a string, number, word, expression or type
	Bool bool
	Ref  Ref
	List []Value
	// Fields are those of an object: in the order of the text, or ordered by name when an expression made it.
	Fields []Attr
	// Code marks a string to be written that holds SQL, to which a final newline makes no difference.
	Code bool
	// Body marks a string to be written that holds code of which every byte counts.
	Body bool
	// Outside marks a field of an object that came from somewhere else than the text, such as a variable.
	Outside bool
	Pos     diag.Pos // zero in values to be written
	Width   int
}

// Ref is a reference to a block.
type Ref struct {
	// Path is the reference as it is written: table, users, column, id.
	Path []string
	// Target is the block referred to; nil in references to be written.
	Target *Block
}

// Errorf makes a diagnostic that points at the value.
func (v Value) Errorf(code, format string, args ...any) *diag.Diagnostic {
	d := diag.Errorf(v.Pos, code, format, args...)
	d.Width = v.Width
	return d
}

// Str is a string to be written.
func Str(s string) Value { return Value{Kind: String, Text: s} }

// Code is a string of SQL to be written: as a heredoc where it has several lines.
func Code(sql string) Value { return Value{Kind: String, Text: sql, Code: true} }

// Body is a string of code to be written exactly as it is: as a heredoc where it has several lines.
func Body(text string) Value { return Value{Kind: String, Text: text, Body: true} }

// Fields is an object to be written.
func Fields(fields ...Attr) Value { return Value{Kind: Object, Fields: fields} }

// Num is a number to be written.
func Num(text string) Value { return Value{Kind: Number, Text: text} }

// Flag is a bool to be written.
func Flag(b bool) Value { return Value{Kind: Bool, Bool: b} }

// Raw is an SQL expression to be written as sql("…").
func Raw(sql string) Value { return Value{Kind: SQL, Text: sql} }

// Bare is a word, or any piece of HCL, to be written as it is.
func Bare(text string) Value { return Value{Kind: Word, Text: text} }

// To is a reference to be written.
func To(path ...string) Value { return Value{Kind: Reference, Ref: Ref{Path: path}} }

// Items is a list to be written.
func Items(list ...Value) Value { return Value{Kind: List, List: list} }
