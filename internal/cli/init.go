package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/disk"
	"github.com/schemactl/schemactl/internal/engine"
	"github.com/schemactl/schemactl/internal/render"
)

type initOptions struct {
	target
	dialect, dir string
	split, force bool
}

func newInitCmd(a *app) *cobra.Command {
	o := &initOptions{target: target{app: a}}
	cmd := &cobra.Command{
		Use:   "init [folder]",
		Short: "Start a project, or write an existing database down",
		Long: `init writes atlas.hcl and schema.hcl into a folder. With --url it inspects that database first and schema.hcl holds
what is there (--split: a file for each object below schema/); the URL itself, which may hold a password, is not
written: the project reads it from DATABASE_URL. Existing files are kept unless you say yes.`,
		Example: `  schemactl init
  schemactl init --url "postgres://app@localhost/app?search_path=public" --split`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.dir = "."
			if len(args) == 1 {
				o.dir = args[0]
			}
			return runInit(cmd.Context(), o)
		},
	}
	f := cmd.Flags()
	f.StringVarP(&o.url, "url", "u", "", "`URL` of a database to write down")
	f.StringVar(&o.dev, "dev-url", "", "`URL` of an empty dev database to write into the project file")
	f.StringSliceVarP(&o.schemas, "schema", "s", nil, "`names` of the schemas to write down; default all")
	f.StringSliceVar(&o.exclude, "exclude", nil, "leave out what these `globs` name")
	f.StringVar(&o.dialect, "dialect", dburl.Postgres, "`dialect` of a new project: postgres or mysql")
	f.BoolVar(&o.split, "split", false, "write a file for each object")
	f.BoolVar(&o.force, "force", false, "overwrite files without asking")
	completeWords(cmd, "dialect", dburl.Postgres, dburl.MySQL)
	return cmd
}

func runInit(ctx context.Context, o *initOptions) error {
	if err := oneOf("--dialect", o.dialect, dburl.Postgres, dburl.MySQL); err != nil {
		return err
	}
	files, err := o.schemaFiles(ctx)
	if err != nil {
		return err
	}
	files = append(files, engine.OutFile{Name: "atlas.hcl", Text: []byte(o.projectText())})
	for _, f := range files {
		if err := o.write(ctx, f); err != nil {
			return err
		}
	}
	o.app.io.Notify("\nNext: export DATABASE_URL=…, then schemactl plan --env local")
	return nil
}

// schemaFiles are the desired state: what the database holds, or an example to start from.
func (o *initOptions) schemaFiles(ctx context.Context) ([]engine.OutFile, error) {
	if o.url == "" {
		return []engine.OutFile{{Name: "schema.hcl", Text: []byte(exampleSchema(o.dialect))}}, nil
	}
	r, err := o.request()
	if err != nil {
		return nil, err
	}
	in, err := o.app.engine(false).Inspect(ctx, r)
	if err != nil {
		return nil, err
	}
	o.dialect = in.Dialect.Name()
	for _, l := range render.LedgerLines(in.State.Ledger) {
		o.app.io.Notify("left out: %s", l)
	}
	if o.split {
		files, err := in.Split("hcl")
		for i := range files {
			files[i].Name = "schema/" + files[i].Name
		}
		return files, err
	}
	text, err := in.Whole("hcl")
	return []engine.OutFile{{Name: "schema.hcl", Text: text}}, err
}

func (o *initOptions) projectText() string {
	src := "file://schema.hcl"
	if o.split {
		src = "file://schema"
	}
	lines := []string{
		"# The project file of schemactl: environments, and where each finds its database and its desired state.",
		"# Passwords do not belong here: take them from the environment, ~/.pgpass, ~/.my.cnf or password_command.",
		"",
		`variable "url" {`,
		`  type    = string`,
		`  default = getenv("DATABASE_URL")`,
		"}",
		"",
		`env "local" {`,
		`  url = var.url`,
		`  src = "` + src + `"`,
	}
	if o.dev != "" {
		lines = append(lines, `  dev = "`+o.dev+`"`)
	}
	if len(o.schemas) > 0 {
		lines = append(lines, `  schemas = ["`+strings.Join(o.schemas, `", "`)+`"]`)
	}
	if len(o.exclude) > 0 {
		lines = append(lines, `  exclude = ["`+strings.Join(o.exclude, `", "`)+`"]`)
	}
	return strings.Join(append(lines, "}", ""), "\n")
}

// write creates a file, and asks before it overwrites one.
func (o *initOptions) write(ctx context.Context, f engine.OutFile) error {
	path := filepath.Join(o.dir, filepath.FromSlash(f.Name))
	if _, err := os.Stat(path); err == nil && !o.force {
		if !o.app.io.Interactive {
			return diag.Errorf(diag.Pos{File: path}, "file-exists", "the file exists already").WithHint("--force overwrites it")
		}
		yes, err := o.app.io.Confirm(ctx, path+" exists. Overwrite it? (yes/no)", "yes")
		if err != nil {
			return err
		}
		if !yes {
			o.app.io.Notify("kept %s", path)
			return nil
		}
	}
	err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o750), disk.Write(path, f.Text, 0o600))
	if err == nil {
		o.app.io.Notify("wrote %s", path)
	}
	return err
}

func exampleSchema(dialectName string) string {
	if dialectName == dburl.MySQL {
		return `schema "app" {
}

table "users" {
  schema = schema.app
  column "id" {
    type           = bigint
    unsigned       = true
    auto_increment = true
  }
  column "email" {
    type = varchar(255)
  }
  primary_key {
    columns = [column.id]
  }
  index "users_email" {
    unique  = true
    columns = [column.email]
  }
}
`
	}
	return `schema "public" {
}

table "users" {
  schema = schema.public
  column "id" {
    type = bigint
    identity {
      generated = BY_DEFAULT
    }
  }
  column "email" {
    type = text
  }
  primary_key {
    columns = [column.id]
  }
  unique "users_email_key" {
    columns = [column.email]
  }
}
`
}
