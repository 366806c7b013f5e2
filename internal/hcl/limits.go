package hcl

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime/metrics"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/schemactl/schemactl/internal/diag"
)

// Files may come from strangers: a pull request brings its own. The parser and the evaluator recurse as deep as a text is
// nested, and a stack that overflows ends the program without a word; nothing that people write comes near these.
const (
	maxDepth = 500     // brackets within each other
	maxChain = 10_000  // operators, indexes and steps in one expression
	maxValue = 1 << 24 // bytes of text, and elements times 64, of a value that others are made of
	maxHeap  = 2 << 30 // bytes by which memory may grow meanwhile
)

// Parse reads HCL text that begins at a position. Text that is nested beyond all reason is a fault at the place where it
// becomes so.
func Parse(text []byte, file string, at hcl.Pos) (*hclsyntax.Body, hcl.Diagnostics) {
	if !plainlyFlat(text) {
		if fault := tooDeep(text, file, at); fault != nil {
			return nil, hcl.Diagnostics{fault}
		}
	}
	parsed, faults := hclsyntax.ParseConfig(text, file, at) //nolint:forbidigo // the one place
	body, _ := parsed.Body.(*hclsyntax.Body)
	return body, faults
}

// level is what stands between a bracket and the one that closes it.
type level struct {
	lines bool // a line break ends what it holds: the bracket is a block's or an object's, or there is none
	chain int
}

// plainlyFlat reports that a text is within the limits, which it sees of most texts at a hundredth of the cost of their tokens,
// which are two thirds of what parsing costs. Where templates, comments over lines or odd bytes stand, it does not know.
func plainlyFlat(text []byte) bool {
	levels := []level{{lines: true}}
	for i := 0; i < len(text); i++ {
		top := &levels[len(levels)-1]
		switch c := text[i]; c {
		case '{', '[', '(':
			top.chain++
			levels = append(levels, level{lines: c == '{'})
		case '}', ']', ')':
			levels = levels[:max(1, len(levels)-1)]
		case ',':
			top.chain = 0
		case '\n':
			if top.lines {
				top.chain = 0
			}
		case '"', '#', '/', '<':
			top.chain++
			end := skip(text[i:])
			if end < 0 {
				return false
			}
			i += end - 1
		case '!', '-', '+', '*', '%', '>', '=', '&', '|', '?', ':', '.':
			top.chain++
		default:
			if c < ' ' && c != '\t' && c != '\r' {
				return false
			}
		}
		if len(levels) > maxDepth || top.chain > maxChain {
			return false
		}
	}
	return true
}

// skip is the length of the string, comment, here document or operator that a text begins with; negative: that is not plain.
func skip(text []byte) int {
	line := text
	if i := bytes.IndexByte(text, '\n'); i >= 0 {
		line = text[:i]
	}
	switch {
	case text[0] == '"':
		for i := 1; i < len(line); i++ {
			switch {
			case line[i] == '\\':
				i++
			case line[i] == '"':
				return i + 1
			case i+1 < len(line) && line[i+1] == '{' && (line[i] == '$' || line[i] == '%'):
				return -1
			}
		}
		return -1
	case text[0] == '#' || bytes.HasPrefix(text, []byte("//")):
		return len(line)
	case bytes.HasPrefix(text, []byte("/*")):
		return -1
	case bytes.HasPrefix(text, []byte("<<")):
		return skipHeredoc(text, len(line))
	}
	return 1
}

// skipHeredoc is the length of a here document without templates, up to and without its last line break.
func skipHeredoc(text []byte, first int) int {
	marker := bytes.TrimPrefix(bytes.TrimPrefix(text[:first], []byte("<<")), []byte("-"))
	marker = bytes.TrimSuffix(marker, []byte("\r"))
	if len(marker) == 0 || bytes.ContainsAny(marker, " \t") {
		return -1
	}
	for at := first + 1; at < len(text); {
		end := bytes.IndexByte(text[at:], '\n')
		if end < 0 {
			return -1
		}
		line := bytes.TrimSpace(text[at : at+end])
		switch {
		case bytes.Equal(line, marker):
			return at + end
		case bytes.HasPrefix(line, marker), bytes.Contains(line, []byte("${")), bytes.Contains(line, []byte("%{")):
			return -1
		}
		at += end + 1
	}
	return -1
}

// tooDeep measures a text by its tokens, as the parser has not seen it yet.
func tooDeep(text []byte, file string, at hcl.Pos) *hcl.Diagnostic {
	tokens, _ := hclsyntax.LexConfig(text, file, at) // what it finds wrong, the parser finds too
	levels := []level{{lines: true}}
	for i := range tokens {
		top := &levels[len(levels)-1]
		switch tokens[i].Type {
		case hclsyntax.TokenOBrace, hclsyntax.TokenOBrack, hclsyntax.TokenOParen, hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl, hclsyntax.TokenOQuote, hclsyntax.TokenOHeredoc:
			top.chain++
			levels = append(levels, level{lines: tokens[i].Type == hclsyntax.TokenOBrace})
		case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenTemplateSeqEnd, hclsyntax.TokenCQuote, hclsyntax.TokenCHeredoc:
			levels = levels[:max(1, len(levels)-1)]
		case hclsyntax.TokenComma:
			top.chain = 0
		case hclsyntax.TokenNewline:
			if top.lines {
				top.chain = 0
			}
		case hclsyntax.TokenIdent, hclsyntax.TokenNumberLit, hclsyntax.TokenStringLit, hclsyntax.TokenQuotedLit, hclsyntax.TokenComment:
		default: // operators and dots
			top.chain++
		}
		if len(levels) > maxDepth || top.chain > maxChain {
			return &hcl.Diagnostic{Severity: hcl.DiagError, Summary: "Too deep",
				Detail:  fmt.Sprintf("the text is nested more than %d deep, or an expression has more than %d parts", maxDepth, maxChain),
				Subject: &tokens[i].Range}
		}
	}
	return nil
}

// TooLarge reports whether a value is larger than values that others are made of may be: some lines that each double the
// one before take all memory.
func TooLarge(v cty.Value) bool { return weigh(v, maxValue) < 0 }

// weigh takes the size of a value from what is left, and stops below zero.
func weigh(v cty.Value, left int) int {
	left -= 64
	v, _ = v.Unmark()
	if left < 0 || !v.IsKnown() || v.IsNull() {
		return left
	}
	if v.Type() == cty.String {
		return left - len(v.AsString())
	}
	if !v.CanIterateElements() {
		return left
	}
	for it := v.ElementIterator(); left >= 0 && it.Next(); {
		_, e := it.Element()
		left = weigh(e, left)
	}
	return left
}

// errTooLarge says that the evaluation of a file was given up.
var errTooLarge = errors.New("the files do not come to an end: what they evaluate to takes more than 2 GiB of memory")

// Bounded runs an evaluation, and gives it up when the context ends or when it takes all memory, which no function of the
// language can be kept from. It goes on in the background then: the caller is expected to end soon.
func Bounded[T any](ctx context.Context, evaluate func() T) (T, error) {
	result := make(chan T, 1)
	failed := make(chan error, 1)
	go func() {
		var err error
		defer func() { failed <- err }()
		defer diag.Guard(&err)
		result <- evaluate()
	}()
	before := heapBytes()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case out := <-result:
			return out, nil
		case err := <-failed:
			if err == nil {
				return <-result, nil
			}
			return *new(T), err
		case <-ctx.Done():
			return *new(T), ctx.Err()
		case <-tick.C:
			if heapBytes() > before+maxHeap {
				return *new(T), errTooLarge
			}
		}
	}
}

func heapBytes() uint64 {
	heap := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(heap)
	return heap[0].Value.Uint64()
}
