package mysql

import (
	"regexp"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Made is what a routine, trigger or event keeps of the session that made it, and runs under (MySQL manual, "CREATE PROCEDURE and
// CREATE FUNCTION Statements"; "CREATE EVENT Statement").
type Made struct {
	Modes      string `json:"modes,omitempty"`      // sql_mode
	Connection string `json:"connection,omitempty"` // collation_connection, which its strings have
	Zone       string `json:"zone,omitempty"`       // time_zone of an event
	// Unsaid are those of which the source says nothing; Usual those that any session of that server has. Both name variables.
	Unsaid []string `json:"unsaid,omitempty" diff:"-"`
	Usual  []string `json:"usual,omitempty" diff:"-"`
}

// programVariables are the variables of a session that a program keeps.
func programVariables() []string { return []string{"sql_mode", "collation_connection", "time_zone"} }

func (m Made) value(variable string) string {
	switch variable {
	case "sql_mode":
		return m.Modes
	case "collation_connection":
		return m.Connection
	}
	return m.Zone
}

// madeOf reads what a program was made under. Nothing is unsaid of a live one.
func (b *builder) madeOf(id object.ID, r catalog.Row) Made {
	m := Made{Modes: r.Str("sql_mode"), Connection: r.Str("connection")}
	if id.Kind == "event" {
		m.Zone = r.Str("zone")
	}
	for _, v := range programVariables() {
		if m.value(v) == b.catalog.Settings[v] {
			m.Usual = append(m.Usual, v)
		}
		if b.catalog.Tables[said] != nil && !b.says(id, v) {
			m.Unsaid = append(m.Unsaid, v)
		}
	}
	return m
}

// mootMode reports whether a difference of modes is none: a source that does not speak of them means those that are there,
// unless its text would be read otherwise under them.
func mootMode(from, to Made) bool {
	unsaid := slices.Contains(from.Unsaid, "sql_mode") || slices.Contains(to.Unsaid, "sql_mode")
	return unsaid && readingModes(from.Modes) == readingModes(to.Modes)
}

func mootVariable(from, to Made, variable string) bool {
	return slices.Contains(from.Unsaid, variable) || slices.Contains(to.Unsaid, variable) || from.value(variable) == "" || to.value(variable) == ""
}

// mootProgram does so by the name of an attribute.
func mootProgram(from, to Made, attr string) bool {
	switch attr {
	case "modes":
		return mootMode(from, to)
	case "connection":
		return mootVariable(from, to, "collation_connection")
	case "zone":
		return mootVariable(from, to, "time_zone")
	}
	return false
}

// keeps is what a program is to be made under: of what the source does not say, what the one that it takes the place of has.
func (m Made) keeps(from *Made) Made {
	if from == nil {
		for _, v := range m.Unsaid {
			m.Usual = append(slices.Clone(m.Usual), v) // any session does
		}
		return m
	}
	usual := slices.Clone(m.Usual)
	take := func(variable string, to *string) {
		if slices.Contains(m.Unsaid, variable) && (from.value(variable) != "" || variable == "sql_mode") {
			*to = from.value(variable)
			usual = slices.DeleteFunc(usual, func(v string) bool { return v == variable })
			if slices.Contains(from.Usual, variable) {
				usual = append(usual, variable)
			}
		}
	}
	if mootMode(*from, m) {
		take("sql_mode", &m.Modes)
	}
	take("collation_connection", &m.Connection)
	take("time_zone", &m.Zone)
	m.Usual = usual
	return m
}

// assignments set what is not usual, and put it back.
func (m Made) assignments() (set, reset string) {
	var to, back []string
	for _, v := range programVariables() {
		value := m.value(v)
		if slices.Contains(m.Usual, v) || value == "" && v != "sql_mode" {
			continue
		}
		to = append(to, "@schemactl_own_"+v+" = @@"+v+", SESSION "+v+" = "+literal(value))
		back = append(back, "SESSION "+v+" = COALESCE(@schemactl_own_"+v+", @@"+v+")")
	}
	if len(to) == 0 {
		return "", ""
	}
	return "SET " + strings.Join(to, ", "), "SET " + strings.Join(back, ", ")
}

// under frames a statement that makes a program with what that is to keep.
func under(m Made, step plan.Step) []plan.Step {
	set, reset := m.assignments()
	if set == "" {
		return []plan.Step{step}
	}
	return []plan.Step{
		{SQL: set, Comment: "make the next one as it is to run"},
		step,
		{SQL: reset, Comment: "back to the session's own settings"},
	}
}

// remade are the statements that make a dropped program again.
func remade(m Made, sql string) []string {
	set, reset := m.assignments()
	if set == "" {
		return []string{sql}
	}
	return []string{set, sql, reset}
}

// readingModes are the parts of sql_mode that decide how a text is read (MySQL manual, "Server SQL Modes").
func readingModes(mode string) string {
	var out []string
	for m := range strings.SplitSeq(mode, ",") {
		switch m {
		case "ANSI_QUOTES", "HIGH_NOT_PRECEDENCE", "IGNORE_SPACE", "NO_BACKSLASH_ESCAPES", "PIPES_AS_CONCAT", "REAL_AS_FLOAT", "ORACLE":
			out = append(out, m)
		}
	}
	slices.Sort(out)
	return strings.Join(out, ",")
}

// said is the name under which a Catalog keeps which variables a source sets for the programs that it makes: those of one
// object, or of all.
const said = "said"

var setsVariableOf = map[string]*regexp.Regexp{
	"sql_mode":             regexp.MustCompile(`(?is)^(?:/\*M?!\d*\s*)?set\b.*\bsql_mode\b\s*:?=`),
	"collation_connection": regexp.MustCompile(`(?is)^(?:/\*M?!\d*\s*)?set\b.*\b(?:collation_connection\b\s*:?=|names\b.*\bcollate\b)`),
	"time_zone":            regexp.MustCompile(`(?is)^(?:/\*M?!\d*\s*)?set\b.*\btime_zone\b\s*:?=`),
}

// noteSaid keeps in mind what a statement sets: a frame of ours sets it for the object that follows, and SQL for the rest of
// the source.
func (l *load) noteSaid(st dialect.Statement) {
	framed := strings.HasPrefix(st.SQL, "SET @schemactl_own_")
	isSet := framed || setsAnything.MatchString(st.SQL)
	if !isSet && !st.Object.IsZero() {
		for _, v := range l.framed {
			l.said.Add(st.Object.Kind, st.Object.Schema, st.Object.Table, st.Object.Name, v)
		}
		l.framed = nil
	}
	if !isSet {
		return
	}
	for _, v := range programVariables() {
		switch {
		case !setsVariableOf[v].MatchString(st.SQL):
		case framed:
			l.framed = append(l.framed, v)
		case st.Object.IsZero():
			l.said.Add("", "", "", "", v)
		}
	}
}

// setsTheStage matches statements that say how those after them are read and kept.
var setsTheStage = regexp.MustCompile(`(?is)^(?:/\*M?!\d*\s*)?set\b.*\b(?:sql_mode|time_zone|names|collation_connection|character_set_\w+)\b`)

var setsAnything = regexp.MustCompile(`(?i)^(?:/\*M?!\d*\s*)?set\s`)

// says reports whether the source of a loaded catalog sets a variable for a program.
func (b *builder) says(id object.ID, variable string) bool {
	if b.spoken == nil {
		b.spoken = map[object.ID][]string{}
		_ = b.rows(said, func(r catalog.Row) error {
			id := object.ID{Kind: r.Str("kind"), Schema: r.Str("db"), Table: r.Str("tab"), Name: r.Str("name")}
			b.spoken[id] = append(b.spoken[id], r.Str("variable"))
			return nil
		})
	}
	return slices.Contains(b.spoken[object.ID{}], variable) || slices.Contains(b.spoken[id], variable)
}

func madeAttrs(event bool) []hcl.AttrSpec {
	out := []hcl.AttrSpec{
		{Name: "sql_mode", Takes: hcl.String, Doc: "the whole sql_mode that it is read and runs under; without it, what the server has or a live one was made under"},
		{Name: "collation_connection", Takes: hcl.String, Doc: "the collation of the strings in it; likewise"},
	}
	if event {
		out = append(out, hcl.AttrSpec{Name: "time_zone", Takes: hcl.String, Doc: "the time zone of its schedule; likewise"})
	}
	return out
}

func decodeMade(b *hcl.Block) Made {
	m := Made{Modes: b.Text("sql_mode"), Connection: b.Text("collation_connection"), Zone: b.Text("time_zone")}
	for _, v := range programVariables() {
		if _, ok := b.Attr(v); !ok {
			m.Unsaid = append(m.Unsaid, v)
		}
	}
	return m
}

func encodeMade(b *hcl.Block, m Made) {
	for _, v := range programVariables() {
		if value := m.value(v); !slices.Contains(m.Usual, v) && !slices.Contains(m.Unsaid, v) && (value != "" || v == "sql_mode") {
			b.Set(v, hcl.Str(value))
		}
	}
}
