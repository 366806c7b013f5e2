package mysql

import (
	"strings"

	"github.com/schemactl/schemactl/internal/kind"
)

// The server keeps with each string of an expression the character set of the client that sent it, as in _utf8mb3'abc'.
// Who loads the same file with another client gets another spelling of the same.

// clients are the character sets in which strings of ASCII letters are the same bytes (MySQL manual, "Character Set
// Introducers").
var clients = []string{"_utf8mb3", "_utf8mb4", "_utf8", "_latin1", "_ascii"}

// sameExpr reports whether two expressions differ at most in the character sets of strings that are the same in all.
func sameExpr(a, b string) bool {
	if a == b {
		return true
	}
	a, b = withoutNested(a), withoutNested(b)
	return a == b || (strings.Contains(a, "_") || strings.Contains(b, "_")) && withoutClients(a) == withoutClients(b)
}

// withoutClients leaves the character sets out of an expression where they mean nothing.
func withoutClients(expr string) string {
	var out strings.Builder
	for i := 0; i < len(expr); {
		if n := introducerAt(expr, i); n > 0 {
			if end := quotedEnd(expr, i+n); isASCII(expr[i+n : end]) {
				i += n
			}
		}
		end := i + 1
		if strings.IndexByte("'\"`", expr[i]) >= 0 {
			end = quotedEnd(expr, i)
		}
		_, _ = out.WriteString(expr[i:end])
		i = end
	}
	return out.String()
}

// introducerAt is the length of a character set that stands before a string; 0: there is none.
func introducerAt(expr string, i int) int {
	if expr[i] != '_' || i > 0 && isNameByte(expr[i-1]) {
		return 0
	}
	for _, c := range clients {
		if rest, ok := strings.CutPrefix(expr[i:], c); ok && strings.HasPrefix(rest, "'") {
			return len(c)
		}
	}
	return 0
}

func isNameByte(b byte) bool {
	return b == '_' || b == '$' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= 0x80
}

// quotedEnd is where a string or name ends that begins with a quote; doubled quotes and, in strings, backslashes belong to it.
func quotedEnd(expr string, start int) int {
	quote := expr[start]
	for i := start + 1; i < len(expr); i++ {
		switch {
		case expr[i] == '\\' && quote != '`':
			i++
		case expr[i] != quote:
		case i+1 < len(expr) && expr[i+1] == quote:
			i++
		default:
			return i + 1
		}
	}
	return len(expr)
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= 0x80 }) < 0
}

func mootCheck(_ *kind.Context, from, to kind.Of[Check], attr string) bool {
	return attr == "expr" && sameExpr(from.V.Expr, to.V.Expr)
}

func mootIndex(_ *kind.Context, from, to kind.Of[Index], attr string) bool {
	if attr != "parts" || len(from.V.Parts) != len(to.V.Parts) {
		return false
	}
	for i, a := range from.V.Parts {
		b := to.V.Parts[i]
		if !sameExpr(a.Expr, b.Expr) {
			return false
		}
		if a.Expr = b.Expr; a != b {
			return false
		}
	}
	return true
}
