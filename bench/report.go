package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// budget is a limit and what was measured against it.
type budget struct {
	name  string
	limit float64 // 0: there is none, the figure is only told
	unit  string  // s, ms, MB, ×
	value float64
	least bool   // the value must be at least the limit
	gate  bool   // it does not depend on the machine: a run that misses it fails
	note  string // how the value came about
}

func (x budget) met() bool {
	if x.limit == 0 {
		return true
	}
	if x.least {
		return x.value >= x.limit
	}
	return x.value <= x.limit
}

func (x budget) verdict() string {
	switch {
	case x.limit == 0:
		return ""
	case x.met():
		return "met"
	}
	return "**missed**"
}

func (x budget) budget() string {
	switch {
	case x.limit == 0:
		return ""
	case x.least:
		return "≥ " + figure(x.limit, x.unit)
	}
	return "≤ " + figure(x.limit, x.unit)
}

func (x budget) String() string {
	return strings.TrimSpace(fmt.Sprintf("%-62s %9s  %-10s %-11s %s", x.name, x.budget(), figure(x.value, x.unit), x.verdict(), x.note))
}

// figure writes three significant digits, and limits as they are.
func figure(v float64, unit string) string {
	text := strconv.FormatFloat(v, 'g', 3, 64)
	if v >= 100 {
		text = strconv.FormatFloat(v, 'f', 0, 64)
	}
	return text + " " + unit
}

func (b *bench) print() {
	for _, x := range append(append([]budget{}, b.quick...), b.large...) {
		_, _ = fmt.Fprintln(b.out, x.String())
	}
}

// machine tells where the figures are from.
type machine struct {
	cores    int
	cpu      string
	memory   string
	load     string // before the run: a busy machine measures worse
	revision string
	versions []string
}

func describeMachine() machine {
	m := machine{cores: runtime.NumCPU(), cpu: lineOf("/proc/cpuinfo", "model name"), load: "unknown", revision: "unknown"}
	if kb, err := strconv.Atoi(strings.TrimSuffix(lineOf("/proc/meminfo", "MemTotal"), " kB")); err == nil {
		m.memory = fmt.Sprintf("%d GB", (kb+500_000)/1_000_000)
	}
	if text, err := os.ReadFile("/proc/loadavg"); err == nil {
		m.load, _, _ = strings.Cut(string(text), " ")
	}
	if text, err := exec.Command("git", "describe", "--tags", "--always", "--dirty").Output(); err == nil {
		m.revision = strings.TrimSpace(string(text))
	}
	return m
}

// lineOf is the value of "name: value" in a file; empty when there is none.
func lineOf(file, name string) string {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }()
	for s := bufio.NewScanner(f); s.Scan(); {
		if key, value, ok := strings.Cut(s.Text(), ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func (m machine) String() string {
	text := fmt.Sprintf("Measured %s at revision %s on %s, %d cores", time.Now().Format(time.DateOnly), m.revision, runtime.GOOS+"/"+runtime.GOARCH, m.cores)
	if m.cpu != "" {
		text += " (" + m.cpu + ")"
	}
	if m.memory != "" {
		text += ", " + m.memory
	}
	return text + fmt.Sprintf(", %s, %s; load average before the run %s.", runtime.Version(), strings.Join(m.versions, ", "), m.load)
}

// write replaces the parts of the document that were measured.
func (b *bench) write(file string, m machine) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	doc := string(text)
	for _, part := range []struct {
		name string
		rows []budget
	}{{"up to 1,000 tables", b.quick}, {"10,000 tables", b.large}} {
		if len(part.rows) == 0 {
			continue
		}
		begin, end := "<!-- measured: "+part.name+" -->\n", "<!-- end -->"
		head, rest, ok := strings.Cut(doc, begin)
		_, tail, ok2 := strings.Cut(rest, end)
		if !ok || !ok2 {
			return fmt.Errorf("%s has no place %q", file, strings.TrimSpace(begin))
		}
		doc = head + begin + tableOf(part.rows, m) + end + tail
	}
	return os.WriteFile(file, []byte(doc), 0o644)
}

func tableOf(rows []budget, m machine) string {
	var t strings.Builder
	t.WriteString(m.String() + "\n\n| what | budget | measured | verdict | how |\n| --- | --- | --- | --- | --- |\n")
	for _, x := range rows {
		_, _ = fmt.Fprintf(&t, "| %s | %s | %s | %s | %s |\n", x.name, x.budget(), figure(x.value, x.unit), x.verdict(), x.note)
	}
	return t.String()
}
