// Package hcl reads and writes the HCL of schemas: it knows blocks, attributes, references and values, and no dialect.
//
// A dialect hands in a Vocabulary, which says what blocks and attributes there are. Eval turns files into evaluated
// blocks; the dialect makes objects of them. The other way, a dialect makes blocks and Write spells them. The language
// (functions, types of variables, words for column types) is Atlas's, from the bridge in internal/atlas; evaluation
// stands here because Atlas's own stops at the first fault, forgets the order of attributes and drops what it does
// not know without a word.
package hcl

import (
	"slices"
	"strconv"

	"github.com/schemactl/schemactl/internal/diag"
)

// File is a source file with its text.
type File struct {
	Name string // as the user names it
	Text []byte
}

// Block is an evaluated block, or one to be written.
type Block struct {
	Type   string
	Labels []string
	Attrs  []Attr
	Blocks []*Block
	Parent *Block   // nil at the top
	Pos    diag.Pos // of the block's type; zero in blocks to be written
	Width  int
}

// Attr is an attribute of a block.
type Attr struct {
	Name  string
	Value Value
	Pos   diag.Pos // of the name
	Width int
}

// Name is what the block's object is called: the attribute "name" where there is one, else the last label.
func (b *Block) Name() string {
	if v, ok := b.Attr("name"); ok {
		return v.Text
	}
	if len(b.Labels) == 0 {
		return ""
	}
	return b.Labels[len(b.Labels)-1]
}

// Attr returns the value of an attribute.
func (b *Block) Attr(name string) (Value, bool) {
	for i := range b.Attrs {
		if b.Attrs[i].Name == name {
			return b.Attrs[i].Value, true
		}
	}
	return Value{}, false
}

// Text is the text of an attribute: of a string, a word, a number, an expression or a type; "" when it is not set.
func (b *Block) Text(name string) string {
	v, _ := b.Attr(name)
	return v.Text
}

// Bool is the value of an attribute that is true or false.
func (b *Block) Bool(name string, unset bool) bool {
	if v, ok := b.Attr(name); ok {
		return v.Bool
	}
	return unset
}

// Int is the value of an attribute that is a whole number; ok is false when it is not set, or no such number.
func (b *Block) Int(name string) (n int64, ok bool) {
	v, ok := b.Attr(name)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(v.Text, 10, 64)
	return n, err == nil
}

// List is the elements of an attribute that is a list.
func (b *Block) List(name string) []Value {
	v, _ := b.Attr(name)
	return v.List
}

// Nested lists the blocks of a type inside the block.
func (b *Block) Nested(typ string) []*Block {
	var out []*Block
	for _, n := range b.Blocks {
		if n.Type == typ {
			out = append(out, n)
		}
	}
	return out
}

// Only is the first block of a type inside the block, or nil.
func (b *Block) Only(typ string) *Block {
	i := slices.IndexFunc(b.Blocks, func(n *Block) bool { return n.Type == typ })
	if i < 0 {
		return nil
	}
	return b.Blocks[i]
}

// Set adds an attribute to a block that is to be written.
func (b *Block) Set(name string, v Value) { b.Attrs = append(b.Attrs, Attr{Name: name, Value: v}) }

// Add puts a block into a block that is to be written, and returns it.
func (b *Block) Add(typ string, labels ...string) *Block {
	n := &Block{Type: typ, Labels: labels, Parent: b}
	b.Blocks = append(b.Blocks, n)
	return n
}

// Errorf makes a diagnostic that points at the block.
func (b *Block) Errorf(code, format string, args ...any) *diag.Diagnostic {
	d := diag.Errorf(b.Pos, code, format, args...)
	d.Width = b.Width
	return d
}

// String names the block as people do: table "users".
func (b *Block) String() string {
	out := b.Type
	for _, l := range b.Labels {
		out += " " + strconv.Quote(l)
	}
	return out
}
