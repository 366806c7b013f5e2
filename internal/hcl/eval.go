package hcl

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/schemactl/schemactl/internal/atlas"
	"github.com/schemactl/schemactl/internal/diag"
)

// Inputs is what a document may use besides itself.
type Inputs struct {
	Vars map[string][]string // values of variables; a list variable takes several
}

// Eval reads the files as one document and evaluates it. All faults are gathered; with an error among them the blocks
// are incomplete.
func Eval(files []File, voc Vocabulary, in Inputs) ([]*Block, diag.List) {
	e := &evaluator{voc: voc, inputs: in, texts: map[string][]byte{}, roots: map[string]bool{}, specs: map[*BlockSpec]*specIndex{}}
	e.top = e.index(&BlockSpec{Blocks: voc.Blocks})
	body := e.parse(files)
	if len(e.faults) > 0 {
		return nil, e.sorted()
	}
	language, err := atlas.Language()
	if err != nil {
		e.faults.Add(diag.Errorf(diag.Pos{}, "internal", "%v", err))
		return nil, e.faults
	}
	e.base = language.NewChild()
	e.base.Variables = map[string]cty.Value{}
	e.variables(body)
	e.locals(body)
	e.declare(body)
	for _, n := range e.doc.children {
		e.evaluate(n)
	}
	var out []*Block
	for _, n := range e.doc.children {
		out = append(out, n.out)
	}
	return out, e.sorted()
}

// evaluator is the state of one evaluation.
type evaluator struct {
	voc    Vocabulary
	inputs Inputs
	texts  map[string][]byte // by file
	faults diag.List
	base   *hcl.EvalContext // functions, var and local
	top    *specIndex
	specs  map[*BlockSpec]*specIndex
	roots  map[string]bool // the types of all blocks: what a reference may begin with
	doc    *node
}

// specIndex is a type of block made quick to look up.
type specIndex struct {
	*BlockSpec
	attrs  map[string]*attrIndex
	blocks map[string]*specIndex
}

type attrIndex struct {
	AttrSpec
	words map[string]cty.Value
}

func (e *evaluator) index(s *BlockSpec) *specIndex {
	if x := e.specs[s]; x != nil {
		return x
	}
	x := &specIndex{BlockSpec: s, attrs: map[string]*attrIndex{}, blocks: map[string]*specIndex{}}
	e.specs[s] = x
	for _, a := range s.Attrs {
		ai := &attrIndex{AttrSpec: a}
		if len(a.Words) > 0 {
			ai.words = map[string]cty.Value{}
			for _, w := range a.Words {
				ai.words[w] = wordValue(w)
			}
		}
		x.attrs[a.Name] = ai
	}
	for _, b := range s.Blocks {
		e.roots[b.Type] = true
		x.blocks[b.Type] = e.index(b)
	}
	return x
}

// parse reads all files into one body, so that their order makes no difference.
func (e *evaluator) parse(files []File) *hclsyntax.Body {
	all := &hclsyntax.Body{Attributes: hclsyntax.Attributes{}}
	for _, f := range files {
		e.texts[f.Name] = f.Text
		body, faults := parseFile(f)
		for _, d := range faults {
			e.syntaxFault(d)
		}
		if faults.HasErrors() {
			continue
		}
		for _, a := range inOrder(body.Attributes) {
			d := e.fault(a.NameRange, "unknown-attribute", "the attribute %q stands outside of any block", a.Name)
			if words := e.blockTypes(); diag.Nearest(a.Name, words) != "" {
				_ = d.WithHint("is the block %q meant? Blocks are written without =", diag.Nearest(a.Name, words))
			}
		}
		all.Blocks = append(all.Blocks, body.Blocks...)
	}
	return all
}

func (e *evaluator) blockTypes() []string {
	out := []string{"variable", "locals"}
	for _, b := range e.voc.Blocks {
		out = append(out, b.Type)
	}
	return out
}

// inOrder lists attributes as they are written; the parser keeps them in a map.
func inOrder(attrs hclsyntax.Attributes) []*hclsyntax.Attribute {
	out := make([]*hclsyntax.Attribute, 0, len(attrs))
	for _, a := range attrs {
		out = append(out, a)
	}
	slices.SortFunc(out, func(a, b *hclsyntax.Attribute) int { return a.SrcRange.Start.Byte - b.SrcRange.Start.Byte })
	return out
}

func posOf(r hcl.Range) diag.Pos {
	return diag.Pos{File: r.Filename, Line: r.Start.Line, Column: r.Start.Column}
}

func widthOf(r hcl.Range) int {
	if r.Start.Line != r.End.Line {
		return 1
	}
	return max(1, r.End.Column-r.Start.Column)
}

// fault adds an error at a place in the source.
func (e *evaluator) fault(r hcl.Range, code, format string, args ...any) *diag.Diagnostic {
	d := diag.Errorf(posOf(r), code, format, args...)
	d.Width = widthOf(r)
	e.faults.Add(d)
	return d
}

func (e *evaluator) syntaxFault(d *hcl.Diagnostic) {
	at := hcl.Range{}
	if d.Subject != nil {
		at = *d.Subject
	}
	switch d.Summary {
	case "Attribute redefined":
		e.fault(at, "duplicate-attribute", "%s", firstSentence(d.Detail)).Hint = "keep one of the two"
	default:
		e.fault(at, "syntax", "%s", strings.TrimSuffix(strings.ReplaceAll(d.Detail, "\n", " "), "."))
	}
}

func firstSentence(s string) string {
	s, _, _ = strings.Cut(s, ". ")
	return strings.TrimSuffix(s, ".")
}

// sorted returns the faults in the order of the text, without repetitions, each with its source line.
func (e *evaluator) sorted() diag.List {
	Attach(e.faults, e.texts)
	return slices.CompactFunc(e.faults, func(a, b *diag.Diagnostic) bool { return a.Pos == b.Pos && a.Message == b.Message })
}

// Attach puts diagnostics into the order of the text and gives each the source line that it points at.
func Attach(list diag.List, texts map[string][]byte) {
	slices.SortStableFunc(list, func(a, b *diag.Diagnostic) int {
		return cmp.Or(strings.Compare(a.Pos.File, b.Pos.File), a.Pos.Line-b.Pos.Line, a.Pos.Column-b.Pos.Column)
	})
	lines := map[string][][]byte{}
	for _, d := range list {
		text, ok := texts[d.Pos.File]
		if !ok || d.Source != "" || d.Pos.Line < 1 || d.Secret {
			continue
		}
		if lines[d.Pos.File] == nil {
			lines[d.Pos.File] = bytes.Split(text, []byte("\n"))
		}
		if l := lines[d.Pos.File]; d.Pos.Line <= len(l) {
			d.Source = strings.TrimRight(string(l[d.Pos.Line-1]), "\r")
		}
	}
}

// plural is "1 label" or "2 labels".
func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
