package source

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/hcl"
)

// Data is what a data:// URL of the project file stands for: files to be read, or texts that were made, with the
// variables that they see.
type Data struct {
	Paths []string
	Files []File
	Vars  Vars
}

func (d Data) read() ([]File, error) {
	out := slices.Clone(d.Files)
	for _, p := range d.Paths {
		found, err := readPath(p)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// Given are the variables that the user gave by name: one that nobody declares is a mistake.
type Given struct {
	Names    []string // those that the project file does not declare
	Declared []string // those that it declares, for hints
}

// prepare reads the files of the sources and returns a loader with the variables that they see: a data source brings
// its own, other files see those of the command.
func (l *Loader) prepare(ctx context.Context, sources []string) (*Loader, []File, error) {
	var files, open []File
	own := Vars{}
	for _, s := range sources {
		found, err := l.read(ctx, s)
		if err != nil {
			return nil, nil, err
		}
		files = append(files, found...)
		d, isData := l.Data[s]
		if !isData {
			open = append(open, found...)
			continue
		}
		for name, value := range d.Vars {
			if other, twice := own[name]; twice && !slices.Equal(other, value) {
				return nil, nil, diag.Errorf(diag.Pos{}, "two-values", "two data sources give the variable %q different values", name).
					WithHint("files that are read together share their variables: give both the same value")
			}
			own[name] = value
		}
	}
	if err := l.Given.check(open); err != nil {
		return nil, nil, err
	}
	c := *l
	if c.Vars = own; len(open) > 0 {
		c.Vars = maps.Clone(l.Vars)
		if c.Vars == nil {
			c.Vars = Vars{}
		}
		maps.Copy(c.Vars, own)
	}
	return &c, files, nil
}

// Check refuses variables that no file of the sources declares. Sources that cannot be read declare nothing here.
func (g Given) Check(sources []string) error {
	var files []File
	for _, s := range sources {
		if found, err := (&Loader{Stdin: strings.NewReader("")}).read(context.Background(), s); err == nil {
			files = append(files, found...)
		}
	}
	return g.check(files)
}

func (g Given) checkNoFiles(sources []string) error {
	if slices.ContainsFunc(sources, dburl.Is) {
		return g.check(nil)
	}
	return nil
}

func (g Given) check(files []File) error {
	if len(g.Names) == 0 {
		return nil
	}
	var docs []hcl.File
	for _, f := range files {
		if isHCL(f) {
			docs = append(docs, hcl.File(f))
		}
	}
	known := hcl.Variables(docs)
	var faults diag.List
	for _, name := range g.Names {
		if slices.Contains(known, name) {
			continue
		}
		d := diag.Errorf(diag.Pos{}, "unknown-variable", "no variable %q is declared", name)
		all := slices.Sorted(slices.Values(append(slices.Clone(known), g.Declared...)))
		if near := diag.Nearest(name, all); near != "" {
			d = d.WithHint("did you mean --var %s=…?", near)
		} else if len(all) > 0 {
			d = d.WithHint("declared are: %s", strings.Join(slices.Compact(all), ", "))
		} else {
			d = d.WithHint("declare it in the project file or in a schema file: variable %s { type = string }", strconv.Quote(name))
		}
		faults.Add(d)
	}
	return faults.Err()
}
