package mysql

import (
	"strings"

	"github.com/schemactl/schemactl/internal/plan"
)

// Explicit writes the algorithm and the lock into the statements, so that the server refuses what it cannot do so
// instead of taking a costlier way.
func (Dialect) Explicit(steps []*plan.Step) {
	for _, s := range steps {
		if words := wordsOf(s.Runs); words != "" && strings.HasPrefix(s.SQL, "ALTER TABLE ") {
			s.SQL = withWords(s, words)
		}
	}
}

// wordsOf spells how a statement runs; empty where the server has no words for it. With INSTANT MySQL takes no LOCK
// (MySQL manual, "ALTER TABLE Statement", Performance and Space Requirements).
func wordsOf(r *plan.Runs) string {
	switch {
	case r == nil || r.Silent || r.Algorithm == "":
		return ""
	case r.Algorithm == "INSTANT":
		return "ALGORITHM=INSTANT"
	}
	return "ALGORITHM=" + r.Algorithm + ", LOCK=" + r.Lock
}

// withWords puts the words at the end, or before a clause on partitions, after which nothing may stand.
func withWords(s *plan.Step, words string) string {
	if s.Tail != "" {
		rest := strings.TrimSuffix(s.SQL, "\n  "+s.Tail)
		return rest + ", " + words + strings.TrimPrefix(s.SQL, rest)
	}
	if s.ID.Kind != partitioning {
		return s.SQL + ", " + words
	}
	head := alterHead(tableID(s.ID.Schema, s.ID.Table))
	clause := strings.TrimPrefix(s.SQL, head)
	if strings.HasPrefix(clause, "PARTITION BY ") || strings.HasPrefix(clause, "REMOVE PARTITIONING") {
		return head + words + " " + clause
	}
	return head + words + ", " + clause
}
