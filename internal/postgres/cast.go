package postgres

import (
	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
)

// Cast is a conversion between two types.
type Cast struct {
	Source   string `json:"source"`             // as format_type spells it
	Target   string `json:"target"`             // as format_type spells it
	Function string `json:"function,omitempty"` // quoted, with its arguments
	InOut    bool   `json:"inout,omitempty"`    // through the text form; without this and a function: binary coercible
	Context  string `json:"context,omitempty"`  // ASSIGNMENT or IMPLICIT; empty: explicit only
}

func (c *Cast) address(object.ID) string { return "CAST (" + c.Source + " AS " + c.Target + ")" }

func (c *Cast) definition(id object.ID) string {
	sql := "CREATE " + c.address(id)
	switch {
	case c.InOut:
		sql += " WITH INOUT"
	case c.Function == "":
		sql += " WITHOUT FUNCTION"
	default:
		sql += " WITH FUNCTION " + c.Function
	}
	if c.Context != "" {
		sql += " AS " + c.Context
	}
	return sql
}

func castKind() objectKind {
	return objectKind{
		Kind: kind.Define(simpleKind[Cast]("cast", weightOperator)),
		queries: []catalog.Query{{Name: "casts", SQL: `
SELECT c.oid, pg_catalog.format_type(c.castsource, NULL) AS source, pg_catalog.format_type(c.casttarget, NULL) AS target,
  CASE WHEN c.castfunc <> 0 THEN c.castfunc::pg_catalog.regprocedure END AS function, c.castmethod = 'i' AS inout,
  CASE c.castcontext WHEN 'a' THEN 'ASSIGNMENT' WHEN 'i' THEN 'IMPLICIT' END AS context
FROM pg_catalog.pg_cast c
WHERE c.oid >= 16384 AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 2605 AND d.objid = c.oid AND d.deptype = 'i')
ORDER BY 2, 3`}},
		hcl: castHCL(),
		build: func(b *builder) error {
			return b.rows("casts", func(r catalog.Row) error {
				v := &Cast{
					Source: r.Str("source"), Target: r.Str("target"), Function: r.Str("function"), InOut: r.Bool("inout"), Context: r.Str("context"),
				}
				id := object.ID{Kind: "cast", Name: v.Source + " as " + v.Target}
				return b.add(ref{classCast, r.Str("oid"), "0"}, &object.Object{ID: id, Value: v, Claims: []string{id.String()}})
			})
		},
	}
}
