package cli

import (
	"slices"

	"github.com/spf13/cobra"

	"github.com/schemactl/schemactl/internal/engine"
)

// usualRows is from how many rows on a table counts as one that others wait for.
const usualRows = 10_000

// splitFlags say which changes are split so that others go on reading and writing.
type splitFlags struct {
	cmd    *cobra.Command
	always bool
	except []string
}

func (s *splitFlags) add(cmd *cobra.Command) {
	s.cmd = cmd
	f := cmd.Flags()
	f.BoolVar(&s.always, "online", false, "split changes of all tables so that others go on reading and writing (PostgreSQL), or with =false of none; default: of tables with more than online_rows rows")
	f.StringSliceVar(&s.except, "online-except", nil, "`ways` of splitting that are not wanted, as in index,not_null")
}

// splitting tells the engine what the flags, or else the project file, say.
func (t *target) splitting(r *engine.Request) {
	said, o := t.chosen.Diff.Split, &r.Policy.Online
	o.Without, o.Over = slices.Concat(said.Except, t.split.except), usualRows
	if said.Rows != nil {
		o.Over = *said.Rows
	}
	mode := said.Mode
	if t.split.cmd != nil && t.split.cmd.Flags().Changed("online") {
		mode = &t.split.always
	}
	if mode == nil {
		r.BySize = true
		return
	}
	o.Always = *mode
}
