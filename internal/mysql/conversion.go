package mysql

import (
	"fmt"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/plan"
)

// tellLosses writes into the step that changes a column what it throws away.
func tellLosses(server kind.Server, from, to *Column, step *plan.Step, column string) {
	var lost []string
	switch {
	case from.Generated != "":
		return
	case to.Generated != "":
		step.Loses = "the values of column " + column + ", which is computed from then on"
		return
	}
	if from.Type != to.Type {
		switch l := lossIn(from, to); {
		case l.What == "":
		case l.Mild:
			step.MayChange = l.What + " of column " + column
		default:
			lost = append(lost, l.What)
		}
	}
	if server.Lenient {
		lost = append(lost, lossLenient(server, from, to)...)
	}
	if len(lost) > 0 {
		step.Loses = strings.Join(lost, ", ") + " of column " + column
	}
}

// lossLenient is what a server changes that it refuses in its strict mode.
func lossLenient(server kind.Server, from, to *Column) []string {
	var lost []string
	if from.Type != to.Type || from.Charset != to.Charset {
		if cond, known := misfit(server, "x", from, to); cond != "" || !known {
			lost = append(lost, "values that do not fit "+to.Type+" (sql_mode is not strict)")
		}
	}
	if to.NotNull && !from.NotNull {
		lost = append(lost, "NULL, which becomes an empty value (sql_mode is not strict)")
	}
	return lost
}

// lossIn is the table. Between sorts of types that it does not name values are read in another way, which may lose.
func lossIn(from, to *Column) kind.Loss {
	a, b := parseType(from.Type), parseType(to.Type)
	if l, known := lossBetween(a, b); known {
		return l
	}
	return kind.Loss{What: "what is not alike in " + a.name + " and " + b.name, Rows: kind.Untold}
}

func lossBetween(a, b columnType) (kind.Loss, bool) { //nolint:gocyclo // a table: a case is a row
	switch {
	case a.isNumber() && b.isNumber():
		return lossOfDigits(a, b), true
	case a.isTime() && b.isTime():
		return lossOfTime(a, b), true
	case b.bytes() > 0 && (a.bytes() > 0 || a.prints()):
		return lossOfText(a, b), true
	case a.isText() && b.name == "enum":
		return kind.Loss{What: "letter case and blanks", Mild: true, Rows: kind.Untold}, true
	case a.name == "enum" && b.name == "set" && !slices.ContainsFunc(a.args, func(v string) bool { return !slices.Contains(b.args, v) }):
		return kind.Loss{}, true
	case a.isText() && (b.isNumber() || b.isTime() || b.name == "json" || b.name == "uuid" || strings.HasPrefix(b.name, "inet")):
		return lossOfSpelling(b), true
	case a.name == b.name, isShape(a.name) && isShape(b.name), a.name == "inet4" && b.name == "inet6":
		return kind.Loss{}, true // what does not fit is refused
	}
	return kind.Loss{}, false
}

// lossOfSpelling is about text that becomes what it says, which may be written in another way then.
func lossOfSpelling(b columnType) kind.Loss {
	out := kind.Loss{What: "how the values are written (leading zeros, digits, blanks)", Mild: true, Rows: kind.Untold}
	day, clock := "[0-9]{4}-[0-9]{2}-[0-9]{2}", "[0-9]{2}:[0-9]{2}:[0-9]{2}"
	fraction := func(most int) string { return fmt.Sprintf("([.][0-9]{0,%d})?", most) }
	like := ""
	switch {
	case b.isWhole():
		like = "0|-?[1-9][0-9]*"
	case b.name == "year":
		like = "[0-9]{4}"
	case b.name == "decimal":
		like = "-?(0|[1-9][0-9]*)" + fraction(b.arg(1, 0))
	case b.name == "date":
		like = day
	case b.name == "time":
		like = "-?[0-9]?" + clock + fraction(b.arg(0, 0))
	case b.isTime():
		like = day + " " + clock + fraction(b.arg(0, 0))
	case b.mantissa() > 0:
		return kind.Loss{What: fmt.Sprintf("digits beyond %d", map[string]int{"float": 6, "double": 15}[b.name]), Rows: kind.Untold}
	default:
		return out
	}
	out.Rows = func(x string) string { return "NOT (" + x + " REGEXP " + literal("^("+like+")$") + ")" }
	return out
}

// isNumber reports whether a type holds numbers. BIT is one that is never below zero.
func (t columnType) isNumber() bool { return t.isWhole() || t.isFraction() || t.name == "bit" }

// prints reports whether values of the type have one way to be written as text. Not so a FLOAT, nor YEAR, whose 0000 is
// written 0.
func (t columnType) prints() bool {
	return t.isWhole() || t.name == "decimal" || t.name == "double" || t.name == "float" || t.isTime() ||
		slices.Contains([]string{"enum", "set", "json", "uuid", "inet4", "inet6"}, t.name)
}

// digits are how many decimal digits a type keeps before and after the point; exact is false for the approximate types,
// which keep so many altogether.
func (t columnType) digits() (before, after int) {
	switch {
	case t.name == "decimal" || t.isFraction() && len(t.args) == 2:
		return t.arg(0, 10) - t.arg(1, 0), t.arg(1, 0)
	case t.name == "bit":
		return len(fmt.Sprint(^uint64(0) >> (64 - t.arg(0, 1)))), 0
	case t.isWhole():
		_, high := t.wholeRange()
		return len(high), 0
	}
	return 309, 324
}

// mantissa is how many bits of a whole number an approximate type keeps.
func (t columnType) mantissa() int {
	return map[string]int{"float": 24, "double": 53}[t.name]
}

// bits are those of the largest whole number of the type.
func (t columnType) bits() int {
	switch {
	case t.name == "bit":
		return t.arg(0, 1)
	case t.isWhole() && t.signed:
		return wholeBits(t.name) - 1
	}
	return wholeBits(t.name)
}

// lossOfDigits is about numbers. What is too large is refused.
func lossOfDigits(a, b columnType) kind.Loss {
	before, after := a.digits()
	_, kept := b.digits()
	switch {
	case b.name == "bit" && a.signed && a.name != "bit":
		return kind.Loss{What: "the signs and fractions", Rows: func(x string) string { return x + " < 0 OR " + x + " <> ROUND(" + x + ") OR ABS(" + x + ") > 9e18" }}
	case b.name == "bit" || b.isWhole():
		if after == 0 {
			return kind.Loss{}
		}
		return kind.Loss{What: "the fractions", Rows: func(x string) string { // and what BIGINT cuts
			return x + " <> ROUND(" + x + ")" + either(a.mantissa() > 0, " OR ABS("+x+") > 9e18", "")
		}}
	case a.name == b.name && a.mantissa() > 0: // no row is written anew
		return kind.Loss{}
	case b.mantissa() > 0 && a.mantissa() == 0:
		return lossOfPrecision(a, b, before, after, kept)
	case b.mantissa() > 0 && b.mantissa() < a.mantissa():
		return kind.Loss{What: "precision (a FLOAT keeps 7 digits)", Rows: kind.Untold}
	case kept < after:
		return kind.Loss{
			What: fmt.Sprintf("digits after the point beyond %d", kept),
			Rows: func(x string) string { return fmt.Sprintf("%s <> ROUND(%s, %d)", x, x, kept) },
		}
	case a.mantissa() > 0 && len(a.args) == 0 && b.name == "decimal":
		return kind.Loss{What: "precision (a FLOAT is no decimal fraction)", Rows: kind.Untold}
	}
	return kind.Loss{}
}

// lossOfPrecision is about exact numbers that become approximate ones.
func lossOfPrecision(a, b columnType, before, after, kept int) kind.Loss {
	if len(b.args) == 2 { // what has more before the point is refused
		before = min(before, b.arg(0, 0)-b.arg(1, 0))
	}
	safe := map[string]int{"float": 6, "double": 15}[b.name]
	switch {
	case after == 0 && a.name != "decimal" && a.bits() <= b.mantissa():
		return kind.Loss{}
	case before+after <= safe && after <= kept:
		return kind.Loss{}
	}
	what := fmt.Sprintf("digits beyond %d", safe)
	return kind.Loss{What: what, Rows: kind.Untold}
}

// lossOfTime is about moments, days and times of day.
func lossOfTime(a, b columnType) kind.Loss {
	isMoment := func(t columnType) bool { return t.name == "datetime" || t.name == "timestamp" }
	switch {
	case isMoment(a) && b.name == "date":
		return kind.Loss{What: "the time of day", Rows: func(x string) string { return "TIME(" + x + ") <> '00:00:00'" }}
	case isMoment(a) && b.name == "time":
		return kind.Loss{What: "the date", Rows: kind.Untold}
	case a.name == "date" && b.name == "time":
		return kind.Loss{What: "the date", Rows: kind.Untold}
	case a.name == "time" && b.name != "time":
		return kind.Loss{What: "the time as it is (the day on which the statement runs is added)", Rows: kind.Untold}
	}
	if n := b.arg(0, 0); a.name != "date" && n < a.arg(0, 0) {
		what := "fractional seconds"
		if n > 0 {
			what += fmt.Sprintf(" beyond %d digits", n)
		}
		return kind.Loss{What: what, Rows: func(x string) string {
			return fmt.Sprintf("MICROSECOND(%s) %% 1%s <> 0", x, strings.Repeat("0", 6-n))
		}}
	}
	if a.name == "timestamp" && b.name == "datetime" {
		return kind.Loss{What: "the time zone (the values become those of the session's)", Rows: kind.Untold}
	}
	return kind.Loss{}
}

// lossOfText is about what becomes text or bytes. What is too long is refused, but for blanks at the end.
func lossOfText(a, b columnType) kind.Loss {
	switch {
	case a.mantissa() > 0 && len(a.args) == 2 && b.bytes() < a.arg(0, 0)+2, a.name == "double" && len(a.args) == 0 && b.bytes() < 24:
		return kind.Loss{What: "precision", Rows: kind.Untold}
	case a.name == "float" && len(a.args) == 0:
		return kind.Loss{What: "precision (a FLOAT is written with 6 digits)", Rows: kind.Untold}
	case b.name == "binary" && (a.name != "binary" || a.bytes() != b.bytes()):
		return kind.Loss{What: "how long the values are (BINARY fills up with zeros)", Mild: true, Rows: func(x string) string {
			return either(a.bytes() > 0, fmt.Sprintf("LENGTH(%s) <> %d", x, b.bytes()), "")
		}}
	case a.bytes() == 0:
		return kind.Loss{}
	case b.name == "char" && a.name != "char":
		return kind.Loss{What: "blanks at the end", Mild: true, Rows: func(x string) string { return x + " LIKE '% '" }}
	case b.name == "varchar" && strings.HasSuffix(a.name, "text"): // of a VARCHAR they are refused
		return kind.Loss{What: fmt.Sprintf("blanks at the end beyond %d characters", b.bytes()), Mild: true, Rows: func(x string) string {
			return fmt.Sprintf("CHAR_LENGTH(%s) > %d AND %s LIKE '%% '", x, b.bytes(), x)
		}}
	}
	return kind.Loss{}
}
