package safety

import (
	"maps"
	"slices"
	"strings"
	"unicode"
)

// SavedFormat is written into what is saved of a model; docs/review.md describes it.
const SavedFormat = "schemactl-tables-1"

// Saved is what is known of the tables that statements touch: enough for what the statements cost, and nothing of what
// the tables hold but how many rows, as the server estimates them.
type Saved struct {
	Format   string         `json:"format"`
	Schema   string         `json:"schema,omitempty"` // that names without one mean
	Server   SavedServer    `json:"server"`
	Tables   []*Table       `json:"tables"`
	Enums    []SavedEnum    `json:"enums,omitempty"`
	Routines []SavedRoutine `json:"routines,omitempty"`
	Domains  []string       `json:"domains,omitempty"` // those with conditions
}

// SavedServer is the server that the tables are on.
type SavedServer struct {
	Flavor   string            `json:"flavor"`
	Version  [3]int            `json:"version"`
	Settings map[string]string `json:"settings,omitempty"`
}

// SavedEnum is an enum with its values.
type SavedEnum struct {
	Name   Name     `json:"name"`
	Values []string `json:"values"`
}

// SavedRoutine is a routine, and what it does to a default.
type SavedRoutine struct {
	Name       Name   `json:"name"`
	Volatility string `json:"volatility"`
}

// Save keeps what the texts of statements touch, and what belongs to it: partitions and parents, and the tables that
// foreign keys join to it. It goes by the words of the texts, and rather keeps too much than too little.
func (m *Model) Save(texts ...string) *Saved {
	said := words{}
	said.add(texts...)
	kept := m.family(m.touched(said))
	out := &Saved{Format: SavedFormat, Schema: m.Default, Server: SavedServer(m.Server), Tables: []*Table{}}
	for _, t := range m.Tables() {
		if !kept[t.Name] {
			continue
		}
		out.Tables = append(out.Tables, t)
		for _, c := range t.Columns {
			said.add(c.Type, c.Default, c.OnUpdate)
		}
	}
	for _, n := range slices.SortedFunc(maps.Keys(m.enums), Name.Compare) {
		if said.has(n.Name) {
			out.Enums = append(out.Enums, SavedEnum{n, m.enums[n]})
		}
	}
	for _, n := range slices.SortedFunc(maps.Keys(m.routines), Name.Compare) {
		if said.has(n.Name) {
			out.Routines = append(out.Routines, SavedRoutine{n, m.routines[n]})
		}
	}
	for _, n := range slices.Sorted(maps.Keys(m.domains)) {
		if said.has(n[strings.LastIndexByte(n, '.')+1:]) {
			out.Domains = append(out.Domains, n)
		}
	}
	return out
}

// Restore puts what was saved into a model of the same dialect. What it lacks, no statement of the texts touches.
func (s *Saved) Restore(m *Model) {
	m.Whole = true
	for _, t := range s.Tables {
		m.Put(t.Clone())
	}
	for _, e := range s.Enums {
		m.SetEnum(e.Name, e.Values)
	}
	for _, r := range s.Routines {
		m.SetVolatility(r.Name, r.Volatility)
	}
	for _, d := range s.Domains {
		m.domains[d] = true
	}
}

// On is the server as a model has it.
func (s *Saved) On() Server { return Server(s.Server) }

// Compare orders names.
func (n Name) Compare(other Name) int { return strings.Compare(n.String(), other.String()) }

// touched are the tables that are named, or of which something is that a statement may name without them.
func (m *Model) touched(said words) map[Name]bool {
	owners := map[Name]int{}
	for _, t := range m.Tables() {
		for _, i := range t.Indexes {
			owners[Name{t.Name.Schema, i.Name}]++
		}
	}
	out := map[Name]bool{}
	for _, t := range m.Tables() {
		// An index of whose name there are several in the schema is never named without its table.
		byIndex := func(i Index) bool { return owners[Name{t.Name.Schema, i.Name}] == 1 && said.has(i.Name) }
		if said.has(t.Name.Name) || slices.ContainsFunc(t.Triggers, said.has) || slices.ContainsFunc(t.Indexes, byIndex) {
			out[t.Name] = true
		}
	}
	return out
}

// family adds the partitions and parents of tables, of any depth, and then the tables that foreign keys join to them.
func (m *Model) family(touched map[Name]bool) map[Name]bool {
	out := maps.Clone(touched)
	for grown := true; grown; {
		grown = false
		for _, t := range m.Tables() {
			parent := m.Full(t.Parent)
			if t.Parent.IsZero() || out[t.Name] == out[parent] {
				continue
			}
			out[t.Name], out[parent], grown = true, true, true
		}
	}
	joined := maps.Clone(out)
	for _, t := range m.Tables() {
		for _, c := range t.Constraints {
			if c.Type != Foreign {
				continue
			}
			if ref := m.Full(c.RefTable); out[t.Name] || out[ref] {
				joined[t.Name], joined[ref] = true, true
			}
		}
	}
	return joined
}

// words are those of texts, in lower case: what quotes and dots part are several.
type words map[string]bool

func split(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

func (w words) add(texts ...string) {
	for _, t := range texts {
		for _, word := range split(t) {
			w[word] = true
		}
	}
}

// has reports whether a name may be among the words.
func (w words) has(name string) bool {
	return !slices.ContainsFunc(split(name), func(word string) bool { return !w[word] })
}
