package hcl

import (
	"bytes"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// pieceBytes is how much of a file is parsed at a time. The parser holds all tokens of its text at once, which take
// thirty times the room of the text.
const pieceBytes = 1 << 18

// parseFile reads the blocks and attributes of a file. Large files are read in pieces of whole blocks.
func parseFile(f File) (*hclsyntax.Body, hcl.Diagnostics) {
	if body := parsePieces(f, pieceBytes); body != nil {
		return body, nil
	}
	return Parse(f.Text, f.Name, hcl.InitialPos)
}

// parsePieces reads a file in pieces that end with a line of nothing but a brace. That line may as well be within a
// text or a comment, of which both halves then fail to parse: the result is nil, as it is for every file with a fault
// or with attributes outside of blocks, which the whole file tells better.
func parsePieces(f File, size int) *hclsyntax.Body {
	if len(f.Text) <= size {
		return nil
	}
	all := &hclsyntax.Body{Attributes: hclsyntax.Attributes{}}
	at := hcl.InitialPos
	for at.Byte < len(f.Text) {
		piece := f.Text[at.Byte:]
		if i := bytes.Index(piece[min(size, len(piece)):], []byte("\n}\n")); i >= 0 {
			piece = piece[:min(size, len(piece))+i+len("\n}\n")]
		}
		body, faults := Parse(piece, f.Name, at)
		if len(faults) > 0 || len(body.Attributes) > 0 {
			return nil
		}
		all.Blocks = append(all.Blocks, body.Blocks...)
		at.Byte += len(piece)
		at.Line += bytes.Count(piece, []byte("\n"))
	}
	return all
}
