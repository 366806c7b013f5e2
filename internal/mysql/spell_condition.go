package mysql

import (
	"regexp"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/object"
)

// condition spells the condition of a check that consists of comparisons of columns with plain values, joined by AND
// and OR. Any other is in doubt.
func (s *speller) condition(text string, table object.ID) (string, bool) {
	p := &conditionParser{speller: s, table: table, tokens: conditionToken.FindAllString(text, -1)}
	if strings.Join(p.tokens, "") != strings.Join(strings.Fields(text), "") && !sameWithoutSpace(p.tokens, text) {
		return "", false
	}
	p.tokens = slices.DeleteFunc(p.tokens, func(t string) bool { return strings.TrimSpace(t) == "" })
	out := p.disjunction()
	if p.failed || p.at < len(p.tokens) {
		return "", false
	}
	return out, true
}

// sameWithoutSpace reports whether the tokens, spaces among them, are the whole text.
func sameWithoutSpace(tokens []string, text string) bool { return strings.Join(tokens, "") == text }

var conditionToken = regexp.MustCompile("`(?:[^`]|``)+`|'[ !#-&(-\\[\\]-~]*'|[A-Za-z_][A-Za-z0-9_]*|[0-9]+|<=|>=|<>|!=|[=<>(),]|[ \\t\\r\\n]+")

// conditionParser reads a condition by recursive descent and spells it at once.
type conditionParser struct {
	*speller
	table  object.ID
	tokens []string
	at     int
	failed bool
}

func (p *conditionParser) fail() string {
	p.failed = true
	return ""
}

func (p *conditionParser) peek() string {
	if p.failed || p.at >= len(p.tokens) {
		return ""
	}
	return p.tokens[p.at]
}

func (p *conditionParser) take(words ...string) bool {
	if p.at+len(words) > len(p.tokens) || p.failed {
		return false
	}
	for i, w := range words {
		if !strings.EqualFold(p.tokens[p.at+i], w) {
			return false
		}
	}
	p.at += len(words)
	return true
}

func (p *conditionParser) disjunction() string {
	parts := []string{p.conjunction()}
	for p.take("OR") {
		parts = append(parts, p.conjunction())
	}
	return p.join(parts, " or ")
}

// conjunction spells what AND joins. Parentheses inside parentheses are in doubt: the server flattens some of them.
func (p *conditionParser) conjunction() string {
	parts := []string{p.comparison()}
	for p.take("AND") {
		parts = append(parts, p.comparison())
	}
	return p.join(parts, " and ")
}

// join encloses several parts, as MySQL does with every operation; MariaDB has precedence do.
func (p *conditionParser) join(parts []string, word string) string {
	if len(parts) == 1 || p.mariadb {
		return strings.Join(parts, word)
	}
	return "(" + strings.Join(parts, word) + ")"
}

func (p *conditionParser) enclose(text string) string {
	if p.mariadb {
		return text
	}
	return "(" + text + ")"
}

// comparison is a column with an operator and one or more plain values of its class.
func (p *conditionParser) comparison() string {
	if p.at == 0 && p.take("(") { // the whole condition may be enclosed, as the server spells it
		inner := p.disjunction()
		if !p.take(")") || p.at < len(p.tokens) {
			return p.fail()
		}
		return inner
	}
	if !p.mariadb && p.take("(") { // each comparison, too
		inner := p.plainComparison()
		if !p.take(")") {
			return p.fail()
		}
		return inner
	}
	return p.plainComparison()
}

func (p *conditionParser) plainComparison() string {
	column, class := p.column()
	if p.failed {
		return ""
	}
	switch {
	case p.take("IS", "NOT", "NULL"):
		return p.enclose(column + " is not null")
	case p.take("IS", "NULL"):
		return p.enclose(column + " is null")
	case p.take("BETWEEN"):
		low := p.value(class)
		if !p.take("AND") || class != integerClass && class != decimalClass {
			return p.fail()
		}
		return p.enclose(column + " between " + low + " and " + p.value(class))
	case p.take("IN", "("):
		values := []string{p.value(class)}
		for p.take(",") {
			values = append(values, p.value(class))
		}
		if !p.take(")") || len(values) < 2 { // IN with one value becomes a comparison
			return p.fail()
		}
		return p.enclose(column + " in (" + strings.Join(values, ",") + ")")
	}
	operator := p.peek()
	if operator == "!=" {
		operator = "<>"
	}
	if !slices.Contains([]string{"=", "<>", "<", "<=", ">", ">="}, operator) {
		return p.fail()
	}
	p.at++
	if name := p.peek(); name != "" && name[0] != '\'' && (name[0] < '0' || name[0] > '9') {
		other, otherClass := p.column()
		if otherClass != class || class != integerClass {
			return p.fail()
		}
		return p.enclose(column + " " + operator + " " + other)
	}
	return p.enclose(column + " " + operator + " " + p.value(class))
}

// wordsWithMeaning are values and functions that are written without parentheses: they mean no column of that name.
func wordsWithMeaning() []string {
	return []string{
		"current_date", "current_time", "current_timestamp", "current_user", "current_role", "localtime", "localtimestamp",
		"utc_date", "utc_time", "utc_timestamp", "true", "false", "null", "unknown", "default", "interval", "binary", "not",
		"distinct", "row", "exists", "sysdate", "rownum", "value", "case", "and", "or", "xor", "in", "is", "between", "like",
		"date", "time", "timestamp", "div", "mod", "all", "any", "some", "n", "x", "b", "user", "session_user", "system_user",
	}
}

// column reads the name of a column as it is declared, whose numbers or texts can be compared.
func (p *conditionParser) column() (quoted string, c class) {
	token := p.peek()
	if token == "" {
		return p.fail(), 0
	}
	name := strings.ReplaceAll(strings.Trim(token, "`"), "``", "`")
	if token[0] != '`' && slices.Contains(wordsWithMeaning(), strings.ToLower(token)) {
		return p.fail(), 0
	}
	v, ok := valueOf[Column](p.desired, columnID(p.table, name))
	if !ok {
		return p.fail(), 0
	}
	p.at++
	switch typ := p.typ(v.Type); typ.class {
	case integerClass, decimalClass, charClass:
		return ident(name), typ.class
	}
	return p.fail(), 0
}

var shortNumber = regexp.MustCompile(`^(?:0|[1-9][0-9]{0,8})$`)

// value reads a whole number, or a text for a column of texts.
func (p *conditionParser) value(c class) string {
	token := p.peek()
	p.at++
	switch {
	case token == "":
	case (c == integerClass || c == decimalClass) && shortNumber.MatchString(token):
		return token
	case c == charClass && token[0] == '\'' && p.mariadb:
		return token
	case c == charClass && token[0] == '\'':
		return "_utf8mb4" + token
	}
	return p.fail()
}
