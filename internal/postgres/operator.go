package postgres

import (
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
)

// Operator is an operator. A commutator or negator that does not exist yet is made by the server as an empty shell,
// which its own definition then fills.
type Operator struct {
	Name       string `json:"name"`
	Left       string `json:"left,omitempty"` // as format_type spells it; empty: a prefix operator
	Right      string `json:"right,omitempty"`
	Function   string `json:"function"` // quoted
	Commutator string `json:"commutator,omitempty"`
	Negator    string `json:"negator,omitempty"`
	Restrict   string `json:"restrict,omitempty"`
	Join       string `json:"join,omitempty"`
	Hashes     bool   `json:"hashes,omitempty"`
	Merges     bool   `json:"merges,omitempty"`
}

func (o *Operator) symbol(id object.ID) string { return ident(id.Schema) + "." + o.Name }

func (o *Operator) address(id object.ID) string {
	return "OPERATOR " + o.symbol(id) + " (" + orWord(o.Left, "NONE") + ", " + orWord(o.Right, "NONE") + ")"
}

func (o *Operator) definition(id object.ID) string {
	options := []string{"FUNCTION = " + o.Function}
	add := func(name, value string) {
		if value != "" {
			options = append(options, name+" = "+value)
		}
	}
	add("LEFTARG", o.Left)
	add("RIGHTARG", o.Right)
	add("COMMUTATOR", o.Commutator)
	add("NEGATOR", o.Negator)
	add("RESTRICT", o.Restrict)
	add("JOIN", o.Join)
	if o.Hashes {
		options = append(options, "HASHES")
	}
	if o.Merges {
		options = append(options, "MERGES")
	}
	return "CREATE OPERATOR " + o.symbol(id) + " (" + strings.Join(options, ", ") + ")"
}

func operatorKind() objectKind {
	return objectKind{
		Kind: kind.Define(simpleKind[Operator]("operator", weightOperator)),
		queries: []catalog.Query{{Name: "operators", SQL: `
SELECT o.oid, n.nspname AS schema, o.oprname AS name, CASE WHEN o.oprleft <> 0 THEN pg_catalog.format_type(o.oprleft, NULL) END AS left,
  CASE WHEN o.oprright <> 0 THEN pg_catalog.format_type(o.oprright, NULL) END AS right, o.oprcode::pg_catalog.regproc AS function,
  CASE WHEN co.oid IS NOT NULL THEN 'OPERATOR(' || pg_catalog.quote_ident(con.nspname) || '.' || co.oprname || ')' END AS commutator,
  CASE WHEN ne.oid IS NOT NULL THEN 'OPERATOR(' || pg_catalog.quote_ident(nen.nspname) || '.' || ne.oprname || ')' END AS negator,
  nullif(o.oprrest::oid, 0)::pg_catalog.regproc AS restrict, nullif(o.oprjoin::oid, 0)::pg_catalog.regproc AS join,
  o.oprcanhash AS hashes, o.oprcanmerge AS merges
FROM pg_catalog.pg_operator o
JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
LEFT JOIN pg_catalog.pg_operator co ON co.oid = o.oprcom
LEFT JOIN pg_catalog.pg_namespace con ON con.oid = co.oprnamespace
LEFT JOIN pg_catalog.pg_operator ne ON ne.oid = o.oprnegate
LEFT JOIN pg_catalog.pg_namespace nen ON nen.oid = ne.oprnamespace
WHERE o.oid >= 16384 AND o.oprcode <> 0 AND ` + userSchemas + `
ORDER BY 2, 3, 4, 5`}},
		build: buildOperators,
		hcl:   operatorHCL(),
	}
}

func buildOperators(b *builder) error {
	return b.rows("operators", func(r catalog.Row) error {
		v := &Operator{
			Name: r.Str("name"), Left: r.Str("left"), Right: r.Str("right"), Function: r.Str("function"), Commutator: r.Str("commutator"),
			Negator: r.Str("negator"), Restrict: r.Str("restrict"), Join: r.Str("join"), Hashes: r.Bool("hashes"), Merges: r.Bool("merges"),
		}
		id := object.ID{Kind: "operator", Schema: r.Str("schema"), Name: v.Name + "(" + orWord(v.Left, "NONE") + ", " + orWord(v.Right, "NONE") + ")"}
		return b.add(ref{classOperator, r.Str("oid"), "0"}, &object.Object{ID: id, Value: v, Claims: []string{id.String()}})
	})
}

// OperatorFamily is a family of operator classes, with the operators and functions that belong to no single class.
type OperatorFamily struct {
	Members []string `json:"members,omitempty"` // as ALTER OPERATOR FAMILY takes them

	Name   string `json:"name" diff:"-"`
	Method string `json:"method" diff:"-"`
}

// OperatorClass is an operator class with its operators and functions.
type OperatorClass struct {
	Type    string   `json:"type"`
	Default bool     `json:"default,omitempty"`
	Family  string   `json:"family"`            // quoted
	Storage string   `json:"storage,omitempty"` // empty: the type itself
	Members []string `json:"members,omitempty"` // as CREATE OPERATOR CLASS takes them

	Name   string `json:"name" diff:"-"`
	Method string `json:"method" diff:"-"`
}

func (f *OperatorFamily) address(id object.ID) string {
	return "OPERATOR FAMILY " + qualified(id.Schema, f.Name) + " USING " + ident(f.Method)
}

func (f *OperatorFamily) definition(id object.ID) string {
	sql := "CREATE " + f.address(id)
	if len(f.Members) > 0 {
		sql += ";\nALTER " + f.address(id) + " ADD\n  " + strings.Join(f.Members, ",\n  ")
	}
	return sql
}

func (c *OperatorClass) address(id object.ID) string {
	return "OPERATOR CLASS " + qualified(id.Schema, c.Name) + " USING " + ident(c.Method)
}

func (c *OperatorClass) definition(id object.ID) string {
	members := c.Members
	if c.Storage != "" || len(members) == 0 {
		members = append(members[:len(members):len(members)], "STORAGE "+orWord(c.Storage, c.Type))
	}
	return "CREATE OPERATOR CLASS " + qualified(id.Schema, c.Name) + toggle(c.Default, " DEFAULT", "") + " FOR TYPE " + c.Type +
		" USING " + ident(c.Method) + " FAMILY " + c.Family + " AS\n  " + strings.Join(members, ",\n  ")
}

func operatorFamilyKind() objectKind {
	return objectKind{
		Kind: kind.Define(simpleKind[OperatorFamily]("operator_family", weightOperator)),
		queries: []catalog.Query{
			{Name: "operator_families", SQL: `
SELECT f.oid, n.nspname AS schema, f.opfname AS name, m.amname AS method
FROM pg_catalog.pg_opfamily f
JOIN pg_catalog.pg_namespace n ON n.oid = f.opfnamespace
JOIN pg_catalog.pg_am m ON m.oid = f.opfmethod
WHERE f.oid >= 16384 AND ` + userSchemas + `
ORDER BY 2, 3, 4`},
			// Which class or family an operator or function belongs to stands in pg_depend (src/backend/commands/opclasscmds.c).
			{Name: "operator_members", SQL: `
SELECT d.refclassid AS class, d.refobjid AS oid, 2602 AS member_class, o.oid AS member,
  'OPERATOR ' || o.amopstrategy || ' ' || o.amopopr::pg_catalog.regoperator ||
  CASE WHEN o.amopsortfamily <> 0 THEN ' FOR ORDER BY ' || pg_catalog.quote_ident(sn.nspname) || '.' || pg_catalog.quote_ident(sf.opfname) ELSE '' END AS text
FROM pg_catalog.pg_amop o
JOIN pg_catalog.pg_depend d ON d.classid = 2602 AND d.objid = o.oid AND d.refclassid IN (2616, 2753) AND d.deptype IN ('i', 'a')
LEFT JOIN pg_catalog.pg_opfamily sf ON sf.oid = o.amopsortfamily
LEFT JOIN pg_catalog.pg_namespace sn ON sn.oid = sf.opfnamespace
WHERE o.oid >= 16384
UNION ALL
SELECT d.refclassid, d.refobjid, 2603, p.oid, 'FUNCTION ' || p.amprocnum || ' (' || pg_catalog.format_type(p.amproclefttype, NULL) || ', ' ||
  pg_catalog.format_type(p.amprocrighttype, NULL) || ') ' || p.amproc::pg_catalog.regprocedure
FROM pg_catalog.pg_amproc p
JOIN pg_catalog.pg_depend d ON d.classid = 2603 AND d.objid = p.oid AND d.refclassid IN (2616, 2753) AND d.deptype IN ('i', 'a')
WHERE p.oid >= 16384
ORDER BY 1, 2, 3, 5`},
		},
		hcl: operatorFamilyHCL(),
		build: func(b *builder) error {
			return b.rows("operator_families", func(r catalog.Row) error {
				v := &OperatorFamily{Name: r.Str("name"), Method: r.Str("method")}
				id := object.ID{Kind: "operator_family", Schema: r.Str("schema"), Name: v.Name + " using " + v.Method}
				return b.add(ref{classOpFamily, r.Str("oid"), "0"}, &object.Object{ID: id, Value: v, Claims: []string{id.String()}})
			})
		},
	}
}

func operatorClassKind() objectKind {
	return objectKind{
		Kind: kind.Define(simpleKind[OperatorClass]("operator_class", weightOperator)),
		queries: []catalog.Query{{Name: "operator_classes", SQL: `
SELECT c.oid, n.nspname AS schema, c.opcname AS name, m.amname AS method, pg_catalog.format_type(c.opcintype, NULL) AS type, c.opcdefault AS "default",
  pg_catalog.quote_ident(fn.nspname) || '.' || pg_catalog.quote_ident(f.opfname) AS family,
  CASE WHEN c.opckeytype <> 0 THEN pg_catalog.format_type(c.opckeytype, NULL) END AS storage
FROM pg_catalog.pg_opclass c
JOIN pg_catalog.pg_namespace n ON n.oid = c.opcnamespace
JOIN pg_catalog.pg_am m ON m.oid = c.opcmethod
JOIN pg_catalog.pg_opfamily f ON f.oid = c.opcfamily
JOIN pg_catalog.pg_namespace fn ON fn.oid = f.opfnamespace
WHERE c.oid >= 16384 AND ` + userSchemas + `
ORDER BY 2, 3, 4`}},
		build: buildOperatorClasses,
		hcl:   operatorClassHCL(),
	}
}

func buildOperatorClasses(b *builder) error {
	err := b.rows("operator_classes", func(r catalog.Row) error {
		v := &OperatorClass{
			Type: r.Str("type"), Default: r.Bool("default"), Family: r.Str("family"), Storage: r.Str("storage"),
			Name: r.Str("name"), Method: r.Str("method"),
		}
		id := object.ID{Kind: "operator_class", Schema: r.Str("schema"), Name: v.Name + " using " + v.Method}
		return b.add(ref{classOpClass, r.Str("oid"), "0"}, &object.Object{ID: id, Value: v, Claims: []string{id.String()}})
	})
	if err != nil {
		return err
	}
	return b.rows("operator_members", func(r catalog.Row) error {
		id, ok := b.at(ref{r.Str("class"), r.Str("oid"), "0"})
		if !ok {
			return nil
		}
		switch v := b.objects[id].Value.(type) {
		case *OperatorClass:
			v.Members = append(v.Members, r.Str("text"))
		case *OperatorFamily:
			v.Members = append(v.Members, r.Str("text"))
		}
		b.alias(ref{r.Str("member_class"), r.Str("member"), "0"}, id)
		return nil
	})
}
