package hcl

import "github.com/schemactl/schemactl/internal/atlas"

// Vocabulary is what a dialect's HCL consists of. Validation, documentation and completion read it.
type Vocabulary struct {
	Dialect string // for messages: "PostgreSQL"
	Blocks  []*BlockSpec
	Types   *atlas.Types
	// Later names what Atlas's HCL has and schemactl does not manage yet: "view", "table.column.renamed_from".
	Later []string
	// Elsewhere says for attributes of other dialects how this one puts it: "table.column.auto_increment".
	Elsewhere map[string]string
}

// Labels says how many labels a block takes.
type Labels int

// The numbers of labels. A qualified block takes its name, or its schema and its name.
const (
	NoLabel Labels = iota
	OptionalLabel
	OneLabel
	Qualified
)

// BlockSpec describes a type of block.
type BlockSpec struct {
	Type   string
	Doc    string
	Labels Labels
	Attrs  []AttrSpec
	Blocks []*BlockSpec
	Single bool // at most one inside its parent
	// Any, if not zero, allows attributes of any name with values of these kinds.
	Any Kind
}

// AttrSpec describes an attribute.
type AttrSpec struct {
	Name     string
	Doc      string
	Takes    Kind // without List
	List     bool // a list of values of Takes
	Required bool
	Words    []string // the closed list, for Word
	Open     bool     // the list is not closed: other bare words are taken as they are
	Secret   bool     // it must come from outside of the file, by a variable
	Refs     []string // the types of blocks that a reference may mean: "table", "table.column"
}

// Attr returns the attribute of that name.
func (s *BlockSpec) Attr(name string) (AttrSpec, bool) {
	for _, a := range s.Attrs {
		if a.Name == name {
			return a, true
		}
	}
	return AttrSpec{}, false
}

// Block returns the type of nested block of that name, or nil.
func (s *BlockSpec) Block(typ string) *BlockSpec {
	for _, b := range s.Blocks {
		if b.Type == typ {
			return b
		}
	}
	return nil
}

// Block returns the type of top-level block of that name, or nil.
func (v *Vocabulary) Block(typ string) *BlockSpec {
	return (&BlockSpec{Blocks: v.Blocks}).Block(typ)
}
