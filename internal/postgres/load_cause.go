package postgres

import (
	"context"
	"errors"
	"regexp"
	"strings"

	"github.com/schemactl/schemactl/internal/dialect"
)

// mostAsked bounds how many of the statements that wait are asked for what they wait for.
const mostAsked = 200

// cause finds among statements that wait the first that misses what none of the others makes: the others may wait for
// that one only. Without such a one, the first that waits is named.
func cause(ctx context.Context, left []dialect.Statement, round loadRound, first error) error {
	if first == nil {
		return nil // what is left is optional
	}
	for i := range left[:min(len(left), mostAsked)] {
		_, reason, err := round(ctx, left[i:i+1])
		if err != nil || reason == nil {
			return first
		}
		if name := missingName(reason); name != "" && !isMade(name, left, i) {
			return reason
		}
	}
	return first
}

var missingNamed = regexp.MustCompile(`^[a-z ]+ "?([^"( ]+)`)

// missingName is the name of what a fault says does not exist, without its schema.
func missingName(err error) string {
	var f *serverFault
	if !errors.As(err, &f) {
		return ""
	}
	m := missingNamed.FindStringSubmatch(f.Message)
	if m == nil {
		return ""
	}
	return m[1][strings.LastIndex(m[1], ".")+1:]
}

// isMade reports whether one of the other statements seems to make something of that name.
func isMade(name string, left []dialect.Statement, but int) bool {
	makes, err := regexp.Compile(`(?is)\bcreate\b[^;(]*[\s."]` + regexp.QuoteMeta(name) + `\b`)
	if err != nil {
		return true
	}
	for i, st := range left {
		if i != but && makes.MatchString(st.SQL) {
			return true
		}
	}
	return false
}
