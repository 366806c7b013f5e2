package hcl

import "github.com/schemactl/schemactl/internal/diag"

// Syntax finds the faults of a file that need no vocabulary: what the parser itself refuses.
func Syntax(f File) diag.List {
	e := &evaluator{texts: map[string][]byte{}, roots: map[string]bool{}, specs: map[*BlockSpec]*specIndex{}}
	e.parse([]File{f})
	return e.sorted()
}
