package mysql

import (
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
)

var (
	_ dialect.HCLAdopter = Dialect{}
	_ dialect.HCLFitter  = Dialect{}
)

// FitHCL takes NOT NULL from generated columns where MariaDB reads them, whose grammar has no place for it.
func (Dialect) FitHCL(s *object.State, server dialect.Server) {
	if server.Flavor != "mariadb" {
		return
	}
	for _, o := range s.Kind("column") {
		if c := o.Value.(*Column); c.Generated != "" {
			c.NotNull, c.MariaDB = false, true
		}
	}
}

// AdoptHCL takes over where MariaDB keeps the check of a single column, which Atlas wrote down as one of the table.
func (Dialect) AdoptHCL(current, desired *object.State) *object.State {
	checks, columns := map[object.ID]bool{}, map[object.ID]*object.Object{}
	for _, o := range desired.Kind("check") {
		k := o.Value.(*Check)
		id := columnID(o.Parent, o.ID.Name)
		live, isLive := kind.Get[Column](current, id)
		want, isWanted := kind.Get[Column](desired, id)
		if !isLive || !isWanted || current.Has(o.ID) || live.V.Check != k.Expr || want.V.Check != "" || k.NotEnforced {
			continue
		}
		column, c := *want.V, *want.Object
		column.Check = k.Expr
		c.Value = &column
		checks[o.ID], columns[id] = true, &c
	}
	if len(checks) == 0 {
		return desired
	}
	out := object.NewState()
	out.Ledger, out.Notes = desired.Ledger, desired.Notes
	for _, o := range desired.All() {
		if c := columns[o.ID]; c != nil {
			o = c
		}
		if !checks[o.ID] {
			_ = out.Add(o) // the IDs are those of desired
		}
	}
	return out
}
