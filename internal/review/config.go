package review

import (
	"slices"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/lint"
	"github.com/schemactl/schemactl/internal/project"
)

// Settings are what the lint block of a project file says.
type Settings struct {
	Rules lint.Config
	// Latest and Base say which files are linted where no flag does; Repo is the folder in which git is asked.
	Latest     int
	Base, Repo string
	Format     project.Template
	// Review says when apply asks: "always", "warning" or "error", for findings as grave as that; empty: always.
	Review string
	// Warnings are of what has no effect, and why.
	Warnings diag.List
}

// Configure reads the lint block. Nil means that there is none.
func Configure(b *project.Block, programs Programs) (Settings, error) {
	c := &configuration{programs: programs, Settings: Settings{Rules: lint.Config{Severities: map[string]lint.Severity{}, Advice: map[string]func(*lint.Act) string{}}}}
	if b == nil {
		return c.Settings, nil
	}
	for _, name := range []string{"log", "format"} { // log is the old name
		if text, ok := c.text(b, name); ok {
			c.Format = project.Template{Text: text, Pos: b.Attrs[name].Pos}
		}
	}
	c.Review, _ = c.text(b, "review")
	c.Latest = c.count(b, "latest")
	own := slices.Clone(b.Blocks)
	slices.SortStableFunc(own, func(a, b *project.Block) int { return order(a.Type) - order(b.Type) })
	for _, part := range own {
		c.part(part)
	}
	if c.Latest > 0 && c.Base != "" {
		c.faults.Add(b.Attrs["latest"].Fault("two-ranges", "latest and git both say which files to lint").WithHint("leave out one of them"))
	}
	return c.Settings, c.faults.Err()
}

// order puts the parts that say more of a rule behind those that say it of many.
func order(part string) int { return slices.Index([]string{"check", "rule"}, part) }

// configuration gathers settings and the faults of the block.
type configuration struct {
	Settings
	programs Programs
	faults   diag.List
}

func (c *configuration) part(b *project.Block) {
	switch b.Type {
	case "git":
		c.Base, _ = c.text(b, "base")
		c.Repo, _ = c.text(b, "dir")
		if c.Base == "" {
			c.faults.Add(b.Fault("git-base", "git does not say which revision the files are held against").WithHint(`write base = "origin/main"`))
		}
	case "rule":
		c.rule(b)
	case "check":
		c.check(b)
	case "naming":
		c.naming(b)
	case "custom":
		c.custom(b)
	case "external":
		c.external(b)
	default:
		c.analyzer(b)
	}
}
