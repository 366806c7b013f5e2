package migrate

import (
	"fmt"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/source"
)

// Scripts hands files over to be replayed.
func Scripts(files []*File) []source.Script {
	out := make([]source.Script, len(files))
	for i, f := range files {
		out[i] = source.Script{
			Name: f.path, Text: f.Raw, Mode: fmt.Sprint(f.Mode(""), f.free),
			Cut: func(d dialect.Dialect) (dialect.Script, error) {
				statements, framed, err := f.Runnable(d, "")
				return dialect.Script{Statements: statements, NoTx: !framed, Joined: f.mode == TxAll}, err
			},
		}
	}
	return out
}

// OpenScripts reads the directory that a URL names as a source of desired state: what an empty database runs.
func OpenScripts(url string) ([]source.Script, error) {
	d, err := Open(url, "")
	if err != nil {
		return nil, err
	}
	if err := d.Ready(); err != nil {
		return nil, err
	}
	return Scripts(d.Fresh()), nil
}
