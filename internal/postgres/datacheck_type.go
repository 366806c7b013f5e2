package postgres

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/plan"
)

// typeChecks ask whether all values of a column fit its new type, and stay different where they must.
func typeChecks(c *kind.Checking, from, to kind.Of[Column]) []plan.Check {
	if from.V.Type == to.V.Type && from.V.Collation == to.V.Collation {
		return nil
	}
	im, ok := imageOf(c, to.Parent, withHeirs)
	if !ok {
		return nil
	}
	var out []plan.Check
	name := ident(c.Was(from.ID).Name)
	switch cond, known := misfit(c, name, from.V, to); {
	case !known:
		image, _ := imageOf(c, to.Parent, withHeirs, to.ID.Name)
		asked := []plan.Check{converts(image, to, image.item())}
		if !typeIsThere(c, to.V) {
			asked = unanswerable(asked)
		}
		out = append(out, asked...)
	case cond != "":
		out = append(out, im.check("type", "the values of "+to.ID.String()+" must fit "+to.V.Type, liveRows(c, im, cond),
			"UPDATE "+im.liveTable()+" SET "+name+" = "+dots+" WHERE "+cond))
	}
	if l := lossIn(plainly(c.From, from), plainly(c.To, to)); l.What != "" {
		if cond := l.Rows(name); cond != "" {
			out = append(out, im.lossy(to.ID, l.What, "SELECT "+strings.Join(keysNow(c, im), ", ")+" FROM "+im.liveTable()+" WHERE "+cond))
		}
	}
	if merges(plainly(c.From, from), plainly(c.To, to)) {
		out = append(out, keyChecks(c, to)...)
	}
	return out
}

// liveRows selects rows by what they hold now, whatever else the plan does to the table.
func liveRows(c *kind.Checking, im image, condition string) string {
	return "SELECT " + strings.Join(keysNow(c, im), ", ") + " FROM " + im.liveTable() + " WHERE " + condition
}

// keysNow are the key columns under the names that they have.
func keysNow(c *kind.Checking, im image) []string {
	var out []string
	for _, name := range keyColumns(c, im.table) {
		out = append(out, ident(c.Was(columnID(im.table, name)).Name))
	}
	if len(out) == 0 {
		return im.key
	}
	return out
}

// merges reports whether different values may become equal.
func merges(from, to *Column) bool {
	return from.Collation != to.Collation || baseType(to.Type) == "character" || lossIn(from, to).What != "" || conversion(from, to, "c") != ""
}

// The ranges of the whole numbers.
func wholeRange(base string) (low, high string, ok bool) {
	switch base {
	case "smallint":
		return "-32768", "32767", true
	case "integer":
		return "-2147483648", "2147483647", true
	case "bigint":
		return "-9223372036854775808", "9223372036854775807", true
	}
	return "", "", false
}

var modifiers = regexp.MustCompile(`\((\d+)(?:,(-?\d+))?\)`)

// typeModifiers are the numbers in the parentheses of a type.
func typeModifiers(t string) (first, second int, ok bool) {
	m := modifiers.FindStringSubmatch(t)
	if m == nil {
		return 0, 0, false
	}
	first, _ = strconv.Atoi(m[1])
	second, _ = strconv.Atoi(m[2])
	return first, second, true
}

// misfit is the condition under which the server refuses to convert the value x, "" when it never does. known is false
// where only the server can tell.
func misfit(c *kind.Checking, x string, from *Column, to kind.Of[Column]) (cond string, known bool) {
	if domain, ok := domainOf(c.To, to); ok {
		return misfitDomain(c, x, from, domain)
	}
	a, b := baseType(from.Type), baseType(to.V.Type)
	if e, ok := enumOf(c.To, to); ok && from.Type != to.V.Type {
		return x + "::text NOT IN (" + strings.Join(literals(e.V.Values), ", ") + ")", len(e.V.Values) > 0
	}
	switch {
	case from.Type == to.V.Type:
		return "", true
	case isString(b):
		return misfitString(x, from, to.V)
	case isNumber(a) && isNumber(b):
		return misfitNumber(x, from.Type, to.V.Type)
	case b == "bit" && a != b+" varying" && a != b:
		return "", false
	case b == "bit" || b == "bit varying":
		n, _, limited := typeModifiers(to.V.Type)
		if !limited {
			return "", true
		}
		return fmt.Sprintf("length(%s) %s %d", x, toggle(b == "bit", "<>", ">"), n), true
	case a == b, strings.HasPrefix(a, "timestamp") && strings.HasPrefix(b, "timestamp"), a == "smallint" && b == "boolean":
		return "", !strings.HasSuffix(to.V.Type, "[]")
	}
	return misfitText(c, x, from, to.V)
}

// misfitString is about the length: longer values are refused unless only blanks are too many.
func misfitString(x string, from, to *Column) (string, bool) {
	n, _, limited := typeModifiers(to.Type)
	if m, _, was := typeModifiers(from.Type); !limited || was && m <= n && isString(baseType(from.Type)) {
		return "", true
	}
	return fmt.Sprintf("length(rtrim(%s::text, ' ')) > %d", x, n), true
}

func isNumber(base string) bool {
	return slices.Contains([]string{"smallint", "integer", "bigint", "numeric", "real", "double precision"}, base)
}

func misfitNumber(x, from, to string) (string, bool) {
	a, b := baseType(from), baseType(to)
	if low, high, ok := wholeRange(b); ok {
		if fits := []string{"smallint", "integer", "bigint"}; slices.Contains(fits, a) && slices.Index(fits, a) <= slices.Index(fits, b) {
			return "", true
		}
		if a == "real" || a == "double precision" { // the upper bound of bigint is no double
			return fmt.Sprintf("NOT (round(%s::double precision) >= %s AND round(%s::double precision) < %s::double precision + 1)", x, low, x, high), true
		}
		return fmt.Sprintf("round(%s) NOT BETWEEN %s AND %s", x, low, high), true
	}
	if b != "numeric" {
		return "", b == "double precision" && a != "numeric" || b == "real" && (a == "smallint" || a == "integer" || a == "bigint")
	}
	p, s, limited := typeModifiers(to)
	if fp, fs, was := typeModifiers(from); !limited || was && (p-s > fp-fs || p-s == fp-fs && s >= fs) {
		return "", true
	}
	return fmt.Sprintf("%s::numeric <> 'NaN' AND abs(round(%s::numeric, %d)) >= 1e%d", x, x, s, p-s), true
}

// misfitText is about values that travel as text, which the new type must be able to read.
func misfitText(c *kind.Checking, x string, from, to *Column) (string, bool) {
	if conversion(from, to, "c") == "" || strings.HasSuffix(to.Type, "[]") {
		return "", false
	}
	if isString(baseType(from.Type)) && c.Policy.Server.AtLeast([3]int{16}) && typeIsThere(c, to) {
		return fmt.Sprintf("NOT pg_input_is_valid(%s::text, %s)", x, literal(to.Type)), true
	}
	return "", false
}

// typeIsThere reports whether the type can be named before the plan runs.
func typeIsThere(c *kind.Checking, col *Column) bool {
	for _, k := range []string{"enum", "domain", "composite", "range"} {
		for _, o := range c.To.Kind(k) {
			if names(strings.TrimSuffix(baseType(col.Type), "[]"), o.ID) {
				return c.From.Has(o.ID) && !c.Goes(o.ID) && c.Was(o.ID) == o.ID
			}
		}
	}
	return true
}
