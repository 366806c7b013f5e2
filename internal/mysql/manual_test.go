package mysql

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestManualHoldsTheFacts holds the table in docs/mysql.md to the table of facts. UPDATE_DOCS=1 writes it.
func TestManualHoldsTheFacts(t *testing.T) {
	const path, start, end = "../../docs/mysql.md", "<!-- facts -->\n", "<!-- end -->\n"
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok1 := strings.Cut(string(have), start)
	_, tail, ok2 := strings.Cut(rest, end)
	if !ok1 || !ok2 {
		t.Fatalf("%s lacks the marks of the table", path)
	}
	want := []byte(head + start + factsTable() + end + tail)
	if os.Getenv("UPDATE_DOCS") != "" {
		if err := os.WriteFile(path, want, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(have, want) {
		t.Errorf("%s is not current: run UPDATE_DOCS=1 go test ./internal/mysql -run Manual", path)
	}
}

func factsTable() string {
	var b strings.Builder
	b.WriteString("| change | MySQL | MariaDB |\n| --- | --- | --- |\n")
	for _, f := range facts() {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", strings.TrimSpace(string(f.change)+" "+string(f.trait)), told(f.mysql), told(f.mariadb))
	}
	return b.String()
}

// told spells a cell of the table out.
func told(cell string) string {
	var out []string
	for _, entry := range strings.Split(cell, ", ") {
		code, since, _ := strings.Cut(entry, " ")
		words := "–"
		if code != "-" {
			w := ways()[rank(code)]
			words = w.algorithm
			if w.cost == 1 {
				words += " " + w.lock
			}
			if w.rebuild && w.algorithm != "COPY" {
				words += " *r*"
			}
			if since != "" {
				words += " (" + since + ")"
			}
		}
		out = append(out, words)
	}
	return strings.Join(out, ", ")
}
