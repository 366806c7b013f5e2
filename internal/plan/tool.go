package plan

import (
	"regexp"
	"strings"
)

// Tool is an outside program that does what a step's statement would do.
type Tool struct {
	Name string     `json:"name"`
	Runs [][]string `json:"runs"` // command lines, one after the other; they hold no password
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./:=,@%+{}-]+$`)

// CommandLine spells a command for a shell.
func CommandLine(words []string) string {
	out := make([]string, len(words))
	for i, w := range words {
		if out[i] = w; !plainWord.MatchString(w) {
			out[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
	}
	return strings.Join(out, " ")
}
