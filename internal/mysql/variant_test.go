package mysql

import (
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

func TestVariantsByVersion(t *testing.T) {
	for _, tt := range []struct{ version, comment, want string }{
		{"8.0.11-TiDB-v7.5.1", "TiDB Server (Apache License 2.0) Community Edition, MySQL 8.0 compatible", "tidb"},
		{"8.0.30-Vitess", "Version: 19.0.4 (Git revision ...)", "vitess"},
		{"5.7.32", "SingleStoreDB source distribution (compatible; MySQL Enterprise & MySQL Commercial)", "singlestore"},
		{"5.7.25-OceanBase-v4.2.1.0", "OceanBase 4.2.1.0", "oceanbase"},
		{"8.0.33", "Dolt", "dolt"},
		{"8.0.36-28", "Percona Server (GPL), Release '28'", ""},
		{"8.0.32", "Source distribution", ""}, // Aurora, RDS
		{"8.4.3-cloud", "MySQL Enterprise - Cloud", ""},
		{"9.7.4-2", "(Debian)", ""},
		{"10.11.19-MariaDB-0+deb12u1", "Debian 12", ""},
	} {
		if got := variantOf(tt.version, tt.comment).name; got != tt.want {
			t.Errorf("%q, %q: %q, want %q", tt.version, tt.comment, got, tt.want)
		}
	}
}

func TestVariantsRefuseWhatTheyLack(t *testing.T) {
	steps := []*plan.Step{
		{Op: plan.Create, ID: object.ID{Kind: "table", Name: "t"}, Parts: []plan.Part{{Op: plan.Create, ID: object.ID{Kind: "check", Table: "t", Name: "c"}}}},
		{Op: plan.Create, ID: object.ID{Kind: "trigger", Table: "t", Name: "tr"}},
		{Op: plan.Drop, ID: object.ID{Kind: "event", Name: "e"}},
	}
	for _, tt := range []struct {
		version   string
		want, not string
	}{
		{"8.0.11-TiDB-v7.5.1", "TiDB has no triggers", "check"},
		{"5.7.32-singlestore", "SingleStore has no checks", "event"},
	} {
		err := variantOf(tt.version, "").refuse(steps)
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "no "+tt.not) {
			t.Errorf("%s: %v", tt.version, err)
		}
	}
	if err := variantOf("9.7.4", "").refuse(steps); err != nil {
		t.Errorf("MySQL: %v", err)
	}
	names := Kinds().Names()
	for _, v := range variants() {
		for _, k := range v.lacking() {
			if !strings.Contains(" "+strings.Join(names, " ")+" ", " "+k+" ") {
				t.Errorf("%s lacks %s, which is no kind", v.title, k)
			}
		}
	}
}

// TestNothingIsSaidOfOtherMakers: the table of facts is MySQL's and MariaDB's.
func TestNothingIsSaidOfOtherMakers(t *testing.T) {
	s, table := object.NewState(), tableID("", "t")
	if err := s.Add(&object.Object{ID: table, Value: &Table{Engine: "InnoDB"}}); err != nil {
		t.Fatal(err)
	}
	c := &kind.Context{From: s, To: s, Policy: kind.Policy{Server: kind.Server{Flavor: "mysql", Version: [3]int{8, 0, 30}}}}
	if got := runs(c, table, addColumn).String(); got != "INSTANT" {
		t.Errorf("MySQL: %q", got)
	}
	c.Policy.Server.Variant = "tidb"
	if got := runs(c, table, addColumn); got != nil {
		t.Errorf("TiDB: %v", got)
	}
}
