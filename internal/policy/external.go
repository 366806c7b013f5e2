package policy

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"regexp"
	"strings"
	"time"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/lint"
)

// External is a program that is handed each unit as JSON and answers with findings.
type External struct {
	Head
	Command []string
	Dir     string // where it runs
	Timeout time.Duration
	// Environ is what it may get of the environment; passwords of databases are taken out.
	Environ []string
	// Fault is a diagnostic at the place of the rule.
	Fault func(code, format string, args ...any) *diag.Diagnostic
	// Tell takes what the program says on standard error.
	Tell func(line string)
}

// answerLimit is how much a program may answer.
const answerLimit = 16 << 20

// answer is what a program writes.
type answer struct {
	Findings []answered `json:"findings"`
}

type answered struct {
	Message   string        `json:"message"`
	Statement int           `json:"statement"` // its number; 0: of the whole unit
	Severity  lint.Severity `json:"severity"`
	Fix       string        `json:"fix"`
	Object    string        `json:"object"`
}

// Check runs the program on a unit.
func (e External) Check(ctx context.Context, u *lint.Unit) ([]lint.Finding, error) {
	text, err := describeUnit(u)
	if err != nil {
		return nil, err
	}
	out, err := e.run(ctx, u.Name, text)
	if err != nil {
		return nil, err
	}
	var a answer
	dec := json.NewDecoder(bytes.NewReader(out))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&a); err != nil {
		return nil, e.bad(u, "%v", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, e.bad(u, "there is more behind the JSON")
	}
	var found []lint.Finding
	for _, x := range a.Findings {
		f, err := e.finding(u, x)
		if err != nil {
			return nil, err
		}
		found = append(found, f)
	}
	return found, nil
}

func (e External) bad(u *lint.Unit, format string, args ...any) error {
	return e.Fault("external-rule", "%s: what the program %s answers on %s is not understood: %s", e.Name, e.Command[0], u.Name, fmt.Sprintf(format, args...)).
		WithHint(`it writes {"findings": [{"statement": 1, "message": "…"}]}, or {"findings": []}: docs/lint.md`)
}

func (e External) finding(u *lint.Unit, x answered) (lint.Finding, error) {
	severity := x.Severity
	switch {
	case x.Message == "":
		return lint.Finding{}, e.bad(u, "a finding has no message")
	case x.Statement < 0 || x.Statement > len(u.Statements):
		return lint.Finding{}, e.bad(u, "a finding is of statement %d, and there are %d", x.Statement, len(u.Statements))
	case severity == "":
		severity = e.Severity
	case severity.Rank() <= lint.Off.Rank():
		return lint.Finding{}, e.bad(u, "a finding has the severity %q", severity)
	}
	act := u.Whole()
	if x.Statement > 0 {
		act = u.Statements[x.Statement-1].Examined()[0]
	}
	f := lint.NewFinding(e.Rule(), severity, act, x.Message)
	f.Fix = x.Fix
	if x.Object != "" {
		f.Object = x.Object
	}
	return f, nil
}

// run starts the program, without a shell, and returns what it writes.
func (e External) run(ctx context.Context, unit string, in []byte) ([]byte, error) {
	bounded, cancel := context.WithTimeout(ctx, e.Timeout)
	defer cancel()
	cmd := exec.CommandContext(bounded, e.Command[0], e.Command[1:]...) //nolint:gosec // the program that the project file names
	var out, said bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = e.Dir, withoutPasswords(e.Environ), bytes.NewReader(in), &limited{&out, answerLimit}, &limited{&said, answerLimit}
	cmd.WaitDelay = 2 * time.Second // children may keep the pipes open
	alone(cmd)
	err := cmd.Run()
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case bounded.Err() != nil:
		return nil, e.Fault("external-rule", "%s: %s did not end within %s on %s%s", e.Name, e.Command[0], e.Timeout, unit, quoted(said.String())).
			WithHint("give it more with timeout, or see what it waits for")
	case err != nil:
		return nil, e.Fault("external-rule", "%s: %s failed on %s: %v%s", e.Name, e.Command[0], unit, err, quoted(said.String())).
			WithHint("a rule that cannot be asked is no rule that is kept: findings go to standard output as JSON, with exit code 0")
	}
	for _, line := range strings.Split(strings.TrimRight(said.String(), "\n"), "\n") {
		if line != "" && e.Tell != nil {
			e.Tell(e.Name + ": " + line)
		}
	}
	return out.Bytes(), nil
}

// quoted is what a program said, below a message.
func quoted(said string) string {
	if said = strings.TrimSpace(said); said == "" {
		return ""
	}
	return "\n  " + strings.ReplaceAll(said, "\n", "\n  ")
}

// limited stops a program that writes without end.
type limited struct {
	to   *bytes.Buffer
	left int
}

func (l *limited) Write(p []byte) (int, error) {
	if len(p) > l.left {
		return 0, errors.New("the program writes too much")
	}
	l.left -= len(p)
	return l.to.Write(p)
}

// A password is known by the name of its variable, or by what addresses and connection strings look like.
var (
	passwordName  = regexp.MustCompile(`(?i)passw|(^|_)(pass|pwd|pw)$|^PGPASSFILE$|^PGSERVICEFILE$`)
	passwordValue = regexp.MustCompile(`[a-z]://[^\s/@:]*:[^\s@]+@|:[^\s@]+@(tcp|unix)\(|(?i)\bpassword\s*=`)
)

// withoutPasswords takes the variables out that hold passwords of databases, or say where they are.
func withoutPasswords(environ []string) []string {
	var out []string
	for _, e := range environ {
		name, value, _ := strings.Cut(e, "=")
		folder := name == "PWD" || name == "OLDPWD"
		if folder || !passwordName.MatchString(name) && !passwordValue.MatchString(value) {
			out = append(out, e)
		}
	}
	return out
}
