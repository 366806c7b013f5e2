package online

import (
	"slices"
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

func copying(bytes int64) *plan.Plan {
	table := object.ID{Kind: "table", Name: "t"}
	return &plan.Plan{Segments: []plan.Segment{{Steps: []*plan.Step{{
		ID: table, Owner: table, Prefix: "ALTER TABLE `t` ", Clause: "MODIFY COLUMN `n` bigint NULL,\n  ADD COLUMN `c` int NULL",
		Runs: &plan.Runs{Algorithm: "COPY", Lock: "SHARED", Tables: []plan.Size{{Table: table, Bytes: bytes}}},
	}}}}}
}

func TestCommandLines(t *testing.T) {
	for _, tt := range []struct {
		config Config
		want   []string
	}{
		{Config{Tool: PtOSC, Threshold: 100, Args: []string{"--max-load", "Threads_running=9"}}, []string{
			"pt-online-schema-change --max-load Threads_running=9 --alter 'MODIFY COLUMN `n` bigint NULL, ADD COLUMN `c` int NULL' D=shop,t=t,F={defaults-file} --dry-run",
			"pt-online-schema-change --max-load Threads_running=9 --alter 'MODIFY COLUMN `n` bigint NULL, ADD COLUMN `c` int NULL' D=shop,t=t,F={defaults-file} --execute",
		}},
		{Config{Tool: GhOst, Threshold: 100, Program: "/opt/gh-ost", Args: []string{"--cut-over=default", "--allow-on-master"}}, []string{
			"/opt/gh-ost --cut-over=default --allow-on-master --conf={defaults-file} --database=shop --table=t '--alter=MODIFY COLUMN `n` bigint NULL, ADD COLUMN `c` int NULL'",
			"/opt/gh-ost --cut-over=default --allow-on-master --conf={defaults-file} --database=shop --table=t '--alter=MODIFY COLUMN `n` bigint NULL, ADD COLUMN `c` int NULL' --execute",
		}},
		{Config{Tool: PtOSC, Threshold: 101}, nil},
		{Config{}, nil},
	} {
		p := copying(100)
		table := p.Steps()[0].Owner
		err := Apply(p, tt.config, map[object.ID]dialect.CopyFacts{table: {Database: "shop", Table: "t", UniqueKey: true}})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		if tool := p.Steps()[0].Tool; tool != nil {
			for _, line := range tool.Runs {
				got = append(got, plan.CommandLine(line))
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%+v:\ngot  %q\nwant %q", tt.config, got, tt.want)
		}
	}
}

func TestObstaclesAreSaid(t *testing.T) {
	facts := dialect.CopyFacts{Triggers: []string{"tr"}, Children: []string{"fc"}, Parents: []string{"fp"}, Checks: []string{"ck"}}
	for _, tt := range []struct {
		config    Config
		want, not []string
	}{
		{Config{Tool: PtOSC}, []string{"no primary key", "triggers (tr)", "refer to it (fc)", "rename its foreign keys (fp)", "checks (ck)"}, nil},
		{Config{Tool: PtOSC, Args: []string{"--preserve-triggers", "--alter-foreign-keys-method=auto"}}, []string{"no primary key"}, []string{"triggers", "refer to it"}},
		{Config{Tool: GhOst, Args: []string{"--preserve-triggers"}}, []string{"triggers (tr)", "refer to it (fc)"}, []string{"--preserve-triggers"}},
	} {
		p := copying(1)
		err := Apply(p, tt.config, map[object.ID]dialect.CopyFacts{p.Steps()[0].Owner: facts})
		if err == nil {
			t.Fatalf("%+v: no fault", tt.config)
		}
		for _, w := range tt.want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%+v: no %q in %v", tt.config, w, err)
			}
		}
		for _, w := range tt.not {
			if strings.Contains(err.Error(), w) {
				t.Errorf("%+v: %q in %v", tt.config, w, err)
			}
		}
	}
}

func TestNoPasswordWithoutTLSThatIsAskedFor(t *testing.T) {
	u, err := dburl.Parse("mysql://root:s3cret@db.example.org/shop?tls=true")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (Runner{URL: u}).defaultsFile(t.Context()); err == nil || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("got %v", err)
	}
}

// TestSavedTools holds that a file does not choose what runs: the tool's own lines are permitted, and no other ones.
func TestSavedTools(t *testing.T) {
	for _, c := range []Config{{Tool: PtOSC}, {Tool: PtOSC, Program: "/opt/pt", Args: []string{"--recursion-method=none"}}, {Tool: GhOst}, {Tool: GhOst, Args: []string{"--allow-on-master"}}} {
		p := copying(1 << 30)
		tool := c.command(p.Steps()[0], dialect.CopyFacts{Database: "a,b", Table: "t\n,P=1"})
		if !c.Permits(tool) {
			t.Errorf("%v does not permit its own lines %q", c, tool.Runs)
		}
		for i := range tool.Runs[1] {
			line := slices.Clone(tool.Runs[1])
			line[i] = "--exec=sh"
			if alter := i == len(c.Args)+2 && c.Tool == PtOSC; c.Permits(&plan.Tool{Name: c.Tool, Runs: [][]string{line}}) != alter {
				t.Errorf("%v: permits %q: %v", c, line, !alter)
			}
		}
		for _, runs := range [][][]string{nil, {nil}, {{"sh", "-c", "id"}}, {append(slices.Clone(tool.Runs[1]), "--plugin=x")}} {
			if c.Permits(&plan.Tool{Name: c.Tool, Runs: runs}) {
				t.Errorf("%v permits %q", c, runs)
			}
		}
		if (Config{}).Permits(tool) {
			t.Error("a tool is permitted where there is no online block")
		}
	}
}
