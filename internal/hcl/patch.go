package hcl

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	hclv2 "github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// Patched is what became of files, and the blocks that no file holds under their names: those that an expression makes.
type Patched struct {
	Files   []File // those that changed
	Unfound []*Block
}

// Patch edits the text of files so that what they declare as one list of blocks becomes another. Only what differs is
// touched: attributes and blocks are set, added and taken out where they stand, and comments stay.
func Patch(files []File, from, to []*Block) (*Patched, error) {
	p := &patcher{out: &Patched{}}
	for _, f := range files {
		body, diags := Parse(f.Text, f.Name, hclv2.InitialPos)
		if diags.HasErrors() {
			return nil, diags
		}
		p.files = append(p.files, &patchedFile{File: f, body: body})
	}
	p.blocks(from, to)
	for _, f := range p.files {
		if len(f.edits) > 0 {
			p.out.Files = append(p.out.Files, File{f.Name, f.apply()})
		}
	}
	return p.out, nil
}

type patcher struct {
	files []*patchedFile
	out   *Patched
}

type patchedFile struct {
	File
	body  *hclsyntax.Body
	edits []edit
}

// edit puts text in the place of a part of a file.
type edit struct {
	start, end int
	text       string
}

// blocks compares the blocks at the top.
func (p *patcher) blocks(from, to []*Block) {
	had := map[string]*Block{}
	for _, b := range from {
		had[topKey(b)] = b
	}
	has := map[string]bool{}
	for _, b := range to {
		key := topKey(b)
		has[key] = true
		switch old := had[key]; {
		case old == nil:
			p.append(b)
		case blockText(old, 0) != blockText(b, 0):
			p.change(old, b)
		}
	}
	for _, b := range from {
		if !has[topKey(b)] {
			if f, at := p.find(b); at != nil {
				f.remove(at.Range().Start.Byte, at.CloseBraceRange.End.Byte, true)
			} else {
				p.out.Unfound = append(p.out.Unfound, b)
			}
		}
	}
}

func (p *patcher) change(old, b *Block) {
	f, at := p.find(old)
	if at == nil {
		p.out.Unfound = append(p.out.Unfound, b)
		return
	}
	f.change(at, old, b, 0)
}

// append puts a new block behind the last one of its type, or at the end of the last file.
func (p *patcher) append(b *Block) {
	if len(p.files) == 0 {
		p.out.Unfound = append(p.out.Unfound, b)
		return
	}
	for _, f := range slices.Backward(p.files) {
		for _, at := range slices.Backward(f.body.Blocks) {
			if at.Type == b.Type {
				f.insert(f.lineEnd(at.CloseBraceRange.End.Byte), "\n"+blockText(b, 0))
				return
			}
		}
	}
	f := p.files[len(p.files)-1]
	end := len(f.Text)
	sep := "\n"
	if end > 0 && f.Text[end-1] != '\n' {
		sep = "\n\n"
	}
	f.insert(end, sep+blockText(b, 0))
}

// find is the one block of the files that is another as it is written there.
func (p *patcher) find(b *Block) (file *patchedFile, found *hclsyntax.Block) {
	for _, f := range p.files {
		for _, at := range f.body.Blocks {
			if !isWritten(at, b) {
				continue
			}
			if found != nil {
				return nil, nil // which one cannot be told
			}
			file, found = f, at
		}
	}
	return file, found
}

// isWritten reports whether a block of a file is another: by type, name and, where both tell it, schema.
func isWritten(at *hclsyntax.Block, b *Block) bool {
	if at.Type != b.Type || at.Body.Attributes["for_each"] != nil || at.Body.Attributes["count"] != nil {
		return false
	}
	name := ""
	if len(at.Labels) > 0 {
		name = at.Labels[len(at.Labels)-1]
	}
	if a := at.Body.Attributes["name"]; a != nil {
		name = stringOf(a.Expr)
	}
	if name != b.Name() {
		return false
	}
	theirs, ours := "", schemaOf(b)
	if a := at.Body.Attributes["schema"]; a != nil {
		theirs = lastStep(a.Expr)
	} else if len(at.Labels) > 1 {
		theirs = at.Labels[0]
	}
	if theirs != "" && ours != "" && theirs != ours {
		return false
	}
	return true
}

func schemaOf(b *Block) string {
	if v, ok := b.Attr("schema"); ok && len(v.Ref.Path) > 0 {
		return v.Ref.Path[len(v.Ref.Path)-1]
	}
	if len(b.Labels) > 1 {
		return b.Labels[0]
	}
	return ""
}

func stringOf(e hclsyntax.Expression) string {
	v, diags := e.Value(nil)
	if diags.HasErrors() || v.IsNull() || v.Type().FriendlyName() != "string" {
		return ""
	}
	return v.AsString()
}

func lastStep(e hclsyntax.Expression) string {
	t, ok := e.(*hclsyntax.ScopeTraversalExpr)
	if !ok || len(t.Traversal) == 0 {
		return ""
	}
	switch s := t.Traversal[len(t.Traversal)-1].(type) {
	case hclv2.TraverseAttr:
		return s.Name
	case hclv2.TraverseIndex:
		if s.Key.Type().FriendlyName() == "string" {
			return s.Key.AsString()
		}
	}
	return ""
}

func topKey(b *Block) string {
	return strings.Join(append([]string{b.Type, schemaOf(b)}, b.Name()), "\x00")
}

// change edits a block of a file.
func (f *patchedFile) change(at *hclsyntax.Block, old, b *Block, depth int) {
	if at.OpenBraceRange.Start.Line == at.CloseBraceRange.End.Line {
		text := strings.TrimSuffix(strings.TrimLeft(blockText(b, depth), " "), "\n")
		f.edits = append(f.edits, edit{at.Range().Start.Byte, at.CloseBraceRange.End.Byte, text})
		return
	}
	f.attributes(at, old, b, depth+1)
	f.nested(at, old, b, depth+1)
}

func (f *patchedFile) attributes(at *hclsyntax.Block, old, b *Block, depth int) {
	for _, a := range b.Attrs {
		text := valueText(a.Value, depth)
		if was, ok := old.Attr(a.Name); ok && valueText(was, depth) == text {
			continue
		}
		if written := at.Body.Attributes[a.Name]; written != nil {
			f.replace(written.Expr.Range(), text)
			continue
		}
		f.insert(f.afterAttributes(at), strings.Repeat("  ", depth)+a.Name+" = "+text+"\n")
	}
	for _, a := range old.Attrs {
		if _, stays := b.Attr(a.Name); stays {
			continue
		}
		if written := at.Body.Attributes[a.Name]; written != nil {
			f.remove(written.SrcRange.Start.Byte, written.SrcRange.End.Byte, true)
		}
	}
}

func (f *patchedFile) nested(at *hclsyntax.Block, old, b *Block, depth int) {
	written := map[string]*hclsyntax.Block{}
	keys := newKeys()
	for _, n := range at.Body.Blocks {
		written[keys.of(n.Type, n.Labels)] = n
	}
	had, has := keyed(old), keyed(b)
	for _, key := range has.order {
		n := has.blocks[key]
		switch was := had.blocks[key]; {
		case was == nil:
			f.insert(f.afterBlocks(at, n.Type), blockText(n, depth))
		case blockText(was, 0) == blockText(n, 0):
		case written[key] == nil:
			f.insert(f.afterBlocks(at, n.Type), blockText(n, depth))
		default:
			f.change(written[key], was, n, depth)
		}
	}
	for _, key := range had.order {
		if n := written[key]; has.blocks[key] == nil && n != nil {
			f.remove(n.Range().Start.Byte, n.CloseBraceRange.End.Byte, true)
		}
	}
}

// keyList is the blocks in a block by their types and labels; those without labels are counted.
type keyList struct {
	blocks map[string]*Block
	order  []string
}

func keyed(b *Block) keyList {
	out, keys := keyList{blocks: map[string]*Block{}}, newKeys()
	for _, n := range b.Blocks {
		key := keys.of(n.Type, n.Labels)
		out.blocks[key] = n
		out.order = append(out.order, key)
	}
	return out
}

type keyMaker struct{ counts map[string]int }

func newKeys() *keyMaker { return &keyMaker{map[string]int{}} }

func (k *keyMaker) of(typ string, labels []string) string {
	key := strings.Join(append([]string{typ}, labels...), "\x00")
	if len(labels) > 0 {
		return key
	}
	k.counts[key]++
	return fmt.Sprintf("%s\x00%d", key, k.counts[key])
}

func blockText(b *Block, depth int) string {
	var w writer
	w.block(b, depth)
	return w.String()
}

// afterAttributes is where a further attribute of a block is written.
func (f *patchedFile) afterAttributes(at *hclsyntax.Block) int {
	end := at.OpenBraceRange.End.Byte
	for _, a := range at.Body.Attributes {
		end = max(end, a.SrcRange.End.Byte)
	}
	if end > 0 && f.Text[end-1] == '\n' {
		return end // a heredoc ends with its line
	}
	return f.lineEnd(end)
}

// afterBlocks is where a further block of a type is written: behind the last of that type, else at the end.
func (f *patchedFile) afterBlocks(at *hclsyntax.Block, typ string) int {
	end := -1
	for _, n := range at.Body.Blocks {
		if n.Type == typ {
			end = n.CloseBraceRange.End.Byte
		}
	}
	if end >= 0 {
		return f.lineEnd(end)
	}
	return f.lineStart(at.CloseBraceRange.Start.Byte)
}

func (f *patchedFile) insert(at int, text string) { f.edits = append(f.edits, edit{at, at, text}) }

func (f *patchedFile) replace(r hclv2.Range, text string) {
	if r.End.Byte > r.Start.Byte && f.Text[r.End.Byte-1] == '\n' && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	f.edits = append(f.edits, edit{r.Start.Byte, r.End.Byte, text})
}

// remove takes whole lines out, with the comment that stands right above them and the empty line that it leaves.
func (f *patchedFile) remove(start, end int, comment bool) {
	start = f.lineStart(start)
	if f.Text[max(0, end-1)] != '\n' {
		end = f.lineEnd(end)
	}
	for comment && start > 0 {
		before := f.lineStart(start - 1)
		line := bytes.TrimSpace(f.Text[before:start])
		if !bytes.HasPrefix(line, []byte("#")) && !bytes.HasPrefix(line, []byte("//")) {
			break
		}
		start = before
	}
	if start > 0 && len(bytes.TrimSpace(f.Text[f.lineStart(start-1):start])) == 0 && (end >= len(f.Text) || f.Text[end] == '\n') {
		start = f.lineStart(start - 1)
	}
	f.edits = append(f.edits, edit{start, end, ""})
}

func (f *patchedFile) lineStart(at int) int { return bytes.LastIndexByte(f.Text[:at], '\n') + 1 }

// lineEnd is where the line after the one of a place begins.
func (f *patchedFile) lineEnd(at int) int {
	if i := bytes.IndexByte(f.Text[at:], '\n'); i >= 0 {
		return at + i + 1
	}
	return len(f.Text)
}

// apply makes the edits; what was in the canonical layout is in it afterwards.
func (f *patchedFile) apply() []byte {
	slices.SortStableFunc(f.edits, func(a, b edit) int { return cmp.Compare(a.start, b.start) })
	var out bytes.Buffer
	last := 0
	for _, e := range f.edits {
		if e.start < last {
			continue // inside of what was taken out
		}
		out.Write(f.Text[last:e.start])
		out.WriteString(e.text)
		last = e.end
	}
	out.Write(f.Text[last:])
	if bytes.Equal(Format(f.Text), f.Text) {
		return Format(out.Bytes())
	}
	return out.Bytes()
}
