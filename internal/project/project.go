// Package project reads atlas.hcl: environments, variables and data sources become a typed Project.
// It opens no database and prints nothing but what the print function of the language is asked to.
package project

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/zclconf/go-cty/cty"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/disk"
	document "github.com/schemactl/schemactl/internal/hcl"
)

// DefaultFile is the project file that is read when none is named.
const DefaultFile = "atlas.hcl"

// Options says what to load and gives the project file its world.
type Options struct {
	Path string              // path or file:// URL of the project file; "" is DefaultFile, which may be missing
	Env  string              // the environment to select; "" selects none
	Vars map[string][]string // values of variables, as --var gives them
	// Getenv reads environment variables; nil knows none.
	Getenv func(name string) string
	// Stderr takes what the print function prints; nil drops it.
	Stderr io.Writer
	// Query answers a data "sql" block: the first column of every row. Nil makes such a block an error.
	Query func(ctx context.Context, url, query string, args []any) ([]string, error)
	// Run answers a data "external" block with the program's standard output; nil runs it without a shell.
	Run func(ctx context.Context, dir string, argv []string) ([]byte, error)
}

// Project is a loaded project file.
type Project struct {
	Path     string // "" when there is no file
	Envs     []Env  // the selected environment; several when it has for_each or is declared more than once
	Names    []string
	Diff     Diff                  // the policy outside environments
	Lint     *Block                // the lint block outside environments, nil when there is none
	Test     *Block                // the test block outside environments
	Data     map[string]DataSource // what a data:// URL stands for
	Vars     []string              // the variables that the file declares
	Unused   []string              // variables given that the file does not declare; schema files may
	Warnings diag.List             // what is accepted and has no effect
}

// Env is one selected environment. It may hold passwords, so its printed form is its name.
type Env struct {
	Name    string
	Key     string // the key of its for_each element
	URL     string
	Dev     string
	Src     []string
	Schemas []string
	Exclude []string
	Include []string

	Migration Migration
	Diff      Diff
	Lint      *Block              // merged with the block outside environments; nil when there is neither
	Test      *Block              // likewise
	Formats   map[string]Template // by command, as in "schema.apply"

	Online   Online
	Approval Approval

	AllowDestructive bool
	Strict           bool
	PasswordCommand  []string
	Manage           []Manage // a later one overrides

	Extra map[string]cty.Value // attributes of the user's own: env://name, and variables of schema files
	Pos   map[string]diag.Pos  // where the attributes stand in the file
}

// Migration is the migration block of an environment. Zero values were not given.
type Migration struct {
	Dir             string
	Format          string
	Baseline        string
	Exclude         []string
	ExecOrder       string // linear, linear-skip or non-linear
	LockTimeout     time.Duration
	RevisionsSchema string
	TxMode          string // none, file or all
	Down            bool   // migrate diff writes what undoes a migration, too
	CheckData       bool   // migrate diff writes what a migration asks the rows, too
}

// Diff is the policy of planning.
type Diff struct {
	Skip             []SkipRule
	ConcurrentCreate bool // create indexes concurrently
	ConcurrentDrop   bool // drop indexes concurrently
	Split            Split
	// Phased lets columns give way to new ones over two releases.
	Phased bool
	// ExplicitAlgorithm writes into the statements how they are to run.
	ExplicitAlgorithm bool
	// Ignore lists sorts of differences that are left as they are.
	Ignore []string
}

// Split says which changes are split so that others go on reading and writing.
type Split struct {
	Mode   *bool  // always, or never; nil: those of tables with more than Rows rows
	Rows   *int64 // nil: the usual
	Except []string
}

// Online names the tool that copies big tables.
type Online struct {
	Tool      string // pt-osc or gh-ost; empty: none
	Threshold int64  // bytes
	Program   string
	Args      []string
}

// SkipRule leaves out the changes of one action on one kind.
type SkipRule struct {
	Action string // add, drop, modify or rename
	Kind   string // the kind of object, as in "table" or "foreign_key"
	Pos    diag.Pos
}

// Manage turns the management of a kind of object, or of a group of kinds, on or off. Dialects know the names.
type Manage struct {
	Name   string
	On     bool
	Rule   string // how the file says it: "manage { privileges = false }"
	Pos    diag.Pos
	Source string // the line of the file
}

// DataSource is what a data:// URL of the project file stands for.
type DataSource struct {
	Kind  string // hcl_schema or template_dir
	Name  string
	Paths []string             // hcl_schema: the files
	Vars  map[string]cty.Value // hcl_schema: the values of their variables
	Files map[string][]byte    // template_dir: the rendered files
	Pos   diag.Pos
}

// Block is a block kept as it is written, its attributes evaluated.
type Block struct {
	Type   string
	Labels []string
	Pos    diag.Pos
	Attrs  map[string]Attr
	Blocks []*Block

	from *origin
}

// Attr is an evaluated attribute, or one whose value is asked for later.
type Attr struct {
	Value cty.Value
	Expr  *Expr // set instead of Value where the value depends on what is not known yet
	Pos   diag.Pos
	Width int

	from *origin
}

// String is the environment's name.
func (e Env) String() string { return e.Name }

// Format prints the name for every verb: an environment holds URLs with passwords.
func (e Env) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, e.Name) }

// Attr answers env://name: the texts of an attribute, and whether the environment has it.
func (e Env) Attr(name string) ([]string, bool) {
	switch name {
	case "url":
		return one(e.URL)
	case "dev":
		return one(e.Dev)
	case "src", "schema.src":
		return e.Src, len(e.Src) > 0
	case "migration.dir":
		return one(e.Migration.Dir)
	}
	v, ok := e.Extra[name]
	if !ok {
		return nil, false
	}
	return texts(v)
}

// Inputs are the values that the environment gives to variables of schema files.
func (e Env) Inputs() map[string]cty.Value { return maps.Clone(e.Extra) }

func one(s string) ([]string, bool) {
	if s == "" {
		return nil, false
	}
	return []string{s}, true
}

// Select finds the one block of a type below the block, nil when there is none.
func (b *Block) Select(typ string) *Block {
	if b == nil {
		return nil
	}
	for _, c := range b.Blocks {
		if c.Type == typ {
			return c
		}
	}
	return nil
}

// Has reports whether the block says something of an attribute.
func (b *Block) Has(name string) bool {
	_, ok := b.Attrs[name]
	return ok
}

// Load reads the project file. Faults of the file are diagnostics with their place, all of them at once where one
// does not hide the next; they never hold the values of environment variables or password variables.
func Load(ctx context.Context, o Options) (*Project, error) {
	file := strings.TrimPrefix(o.Path, "file://")
	if file == "" {
		file = DefaultFile
	}
	src, err := disk.Read(file) //nolint:gosec // the file that the user names
	switch {
	case err == nil:
	case !os.IsNotExist(err):
		return nil, diag.Errorf(diag.Pos{File: file}, "project-file", "the project file cannot be read: %v", err).
			WithHint("check the path and its permissions")
	case o.Path != "":
		return nil, diag.Errorf(diag.Pos{File: file}, "project-file", "there is no such project file").
			WithHint("check --config, or write one with schemactl init")
	case o.Env != "":
		return nil, diag.Errorf(diag.Pos{File: file}, "project-file", "there is no project file to find env %q in", o.Env).
			WithHint("run in the directory of %s, name it with --config, or write one with schemactl init", DefaultFile)
	default:
		return &Project{Unused: slices.Sorted(maps.Keys(o.Vars))}, nil
	}
	if o.Run == nil {
		o.Run = runProgram
	}
	l, err := newLoader(ctx, o, file, src)
	if err != nil {
		return nil, err
	}
	p, err := document.Bounded(ctx, l.load)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return p, l.finish(p)
}

func runProgram(ctx context.Context, dir string, argv []string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...) //nolint:gosec // the program that the project file names
	cmd.Dir, cmd.WaitDelay = dir, time.Second
	return cmd.Output()
}

// Template is a Go template for the output of a command.
type Template struct {
	Text string
	Pos  diag.Pos
}
