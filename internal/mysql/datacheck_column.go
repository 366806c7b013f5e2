package mysql

import (
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/plan"
)

// columnChecks ask whether the values fit what a column becomes.
func columnChecks(c *kind.Checking, ch kind.Change) []plan.Check {
	to := kind.Of[Column]{Object: ch.To, V: ch.To.Value.(*Column)}
	var out []plan.Check
	if ch.From != nil {
		out = append(out, notNullCheck(c, kind.Of[Column]{Object: ch.From, V: ch.From.Value.(*Column)}, to)...)
	}
	return out
}

// notNullCheck asks for rows without a value.
func notNullCheck(c *kind.Checking, from, to kind.Of[Column]) []plan.Check {
	if from.V.NotNull || !to.V.NotNull {
		return nil
	}
	im, ok := imageOf(c, to.Parent, to.ID.Name)
	if !ok {
		return nil
	}
	value := dots
	if to.V.Default != "" {
		value = to.V.Default
	}
	name := ident(c.Was(from.ID).Name)
	repair := "UPDATE " + im.liveTable() + " SET " + name + " = " + value + " WHERE " + name + " IS NULL"
	return []plan.Check{im.check("not-null", to.ID.String()+" must not be NULL", im.where(ident(to.ID.Name)+" IS NULL"), repair)}
}

// dots stand where a person must choose.
const dots = "…"
