// Package online hands statements that copy a big table over to an outside tool, which copies it while others write. It
// renders the tool's command lines, says what the tool would refuse or lose, and runs it.
package online

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// The tools.
const (
	PtOSC  = "pt-osc"
	GhOst  = "gh-ost"
	ptName = "pt-online-schema-change"
)

// Config is the online block of an environment.
type Config struct {
	Tool      string   // pt-osc or gh-ost; empty: none
	Threshold int64    // bytes of data and indexes from which a table is the tool's
	Program   string   // where the tool is; empty: by its name in PATH
	Args      []string // what the user adds to the command line
}

// secrets stands on command lines for the name of the file with user and password, which is made when the tool runs.
const secrets = "{defaults-file}"

// Wanted lists the tables whose statements the tool is to run.
func Wanted(p *plan.Plan, c Config) []object.ID {
	var out []object.ID
	for _, s := range p.Steps() {
		if c.wants(s) && !slices.Contains(out, s.Owner) {
			out = append(out, s.Owner)
		}
	}
	return out
}

// wants tells statements that copy a table of the threshold's size or above.
func (c Config) wants(s *plan.Step) bool {
	return c.Tool != "" && s.Prefix != "" && s.Runs != nil && s.Runs.Algorithm == "COPY" &&
		slices.ContainsFunc(s.Runs.Tables, func(t plan.Size) bool { return t.Bytes >= c.Threshold })
}

// Apply gives the statements of these tables to the tool. What it would refuse is an error: to run the statement itself
// is what the user did not want.
func Apply(p *plan.Plan, c Config, tables map[object.ID]dialect.CopyFacts) error {
	var faults diag.List
	for _, s := range p.Steps() {
		if !c.wants(s) {
			continue
		}
		facts := tables[s.Owner]
		for _, why := range c.obstacles(facts) {
			faults.Add(diag.Errorf(s.Pos, "online", "%s cannot be altered by %s: %s", s.Owner, c.Tool, why).
				WithHint("add what the tool needs to args of the online block, alter the table by hand, or raise the threshold"))
		}
		s.Tool = c.command(s, facts)
		s.Runs.Algorithm, s.Runs.Lock = c.Tool, "NONE"
	}
	return faults.Err()
}

// obstacles are the reasons for which a tool refuses a table, or would not leave it as planned (manuals:
// pt-online-schema-change, "--alter" and "--alter-foreign-keys-method"; gh-ost, "Requirements and limitations").
func (c Config) obstacles(f dialect.CopyFacts) []string {
	var out []string
	add := func(is bool, why string) {
		if is {
			out = append(out, why)
		}
	}
	// able reports whether the user's arguments let the tool cope, and says what would.
	able := func(arg, what string) (ok bool, hint string) {
		if c.Tool != PtOSC {
			return false, ""
		}
		ok = slices.ContainsFunc(c.Args, func(a string) bool { return a == arg || strings.HasPrefix(a, arg+"=") })
		return ok, "; " + arg + " " + what
	}
	triggers, keep := able("--preserve-triggers", "keeps them")
	children, repoint := able("--alter-foreign-keys-method", "says what becomes of them")
	add(!f.UniqueKey, "it has no primary key or unique index to copy it by")
	add(len(f.Triggers) > 0 && !triggers, "it has triggers ("+strings.Join(f.Triggers, ", ")+")"+keep)
	add(len(f.Children) > 0 && !children, "foreign keys refer to it ("+strings.Join(f.Children, ", ")+")"+repoint)
	add(len(f.Parents) > 0, "the tool would rename its foreign keys ("+strings.Join(f.Parents, ", ")+")")
	add(len(f.Checks) > 0, "the copy would lose the names of its checks ("+strings.Join(f.Checks, ", ")+")")
	return out
}

// command renders the command lines: a dry run first, then the run.
func (c Config) command(s *plan.Step, f dialect.CopyFacts) *plan.Tool {
	name, args, dry, wet := c.Program, []string(nil), "--dry-run", "--execute"
	alter := strings.Join(strings.Split(s.Clause, "\n  "), " ")
	switch c.Tool {
	case GhOst:
		name, dry = firstOf(name, GhOst), ""
		args = []string{"--conf=" + secrets, "--database=" + f.Database, "--table=" + f.Table, "--alter=" + alter}
	default:
		name = firstOf(name, ptName)
		args = []string{"--alter", alter, fmt.Sprintf("D=%s,t=%s,F=%s", dsnWord(f.Database), dsnWord(f.Table), secrets)}
	}
	base := append([]string{name}, c.Args...)
	run := func(last string) []string {
		line := slices.Concat(base, args)
		if last != "" {
			line = append(line, last)
		}
		return line
	}
	return &plan.Tool{Name: c.Tool, Runs: [][]string{run(dry), run(wet)}}
}

// Permits tells whether a tool of a saved plan is the one that the environment names, called as schemactl calls it: a file
// does not choose which program runs.
func (c Config) Permits(t *plan.Tool) bool {
	shape, program := []*regexp.Regexp{regexp.MustCompile(`^--alter$`), regexp.MustCompile(`(?s)^.*$`), regexp.MustCompile(`(?s)^D=(?:\\,|[^,])*,t=(?:\\,|[^,])*,F=` + regexp.QuoteMeta(secrets) + `$`)}, ptName
	if c.Tool == GhOst {
		program, shape = GhOst, nil
		for _, flag := range []string{"--conf=" + secrets + "$", "--database=", "--table=", "--alter="} {
			shape = append(shape, regexp.MustCompile("^"+flag))
		}
	}
	base := append([]string{firstOf(c.Program, program)}, c.Args...)
	return c.Tool != "" && t.Name == c.Tool && len(t.Runs) > 0 && !slices.ContainsFunc(t.Runs, func(line []string) bool {
		if len(line) < len(base)+len(shape) || !slices.Equal(line[:len(base)], base) {
			return true
		}
		for i, want := range shape {
			if !want.MatchString(line[len(base)+i]) {
				return true
			}
		}
		last := line[len(base)+len(shape):]
		return len(last) > 1 || len(last) == 1 && last[0] != "--dry-run" && last[0] != "--execute"
	})
}

// dsnWord escapes the comma that parts the words of a DSN.
func dsnWord(s string) string { return strings.ReplaceAll(s, ",", `\,`) }

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
