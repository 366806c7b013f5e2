package postgres

import (
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Domain is a domain; its check constraints are objects beside it.
type Domain struct {
	Type      string `json:"type"` // as format_type spells it
	NotNull   bool   `json:"not_null,omitempty"`
	Default   string `json:"default,omitempty"`
	Collation string `json:"collation,omitempty"` // quoted; empty: the type's own
}

// DomainCheck is a check constraint of a domain.
type DomainCheck struct {
	Def      string `json:"def"` // as pg_get_constraintdef spells it, without NOT VALID
	NotValid bool   `json:"not_valid,omitempty"`
}

func (*DomainCheck) address(id object.ID) string {
	return "CONSTRAINT " + ident(id.Name) + " ON DOMAIN " + tableOf(id)
}

func domainKind() objectKind {
	return objectKind{
		Kind: kind.Define(kind.Def[Domain]{
			Name: "domain", Weight: weightType,
			Create: createDomain, Alter: alterDomain, Drop: dropDomain, Aside: domainAside,
		}),
		queries: []catalog.Query{{Name: "domains", SQL: `
SELECT t.oid, t.typarray AS array, n.nspname AS schema, t.typname AS name, pg_catalog.format_type(t.typbasetype, t.typtypmod) AS type,
  t.typnotnull AS not_null, pg_catalog.pg_get_expr(t.typdefaultbin, 0) AS "default",
  CASE WHEN t.typcollation <> bt.typcollation AND t.typcollation <> 0 THEN
    pg_catalog.quote_ident(cn.nspname) || '.' || pg_catalog.quote_ident(co.collname) END AS collation
FROM pg_catalog.pg_type t
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
JOIN pg_catalog.pg_type bt ON bt.oid = t.typbasetype
LEFT JOIN pg_catalog.pg_collation co ON co.oid = t.typcollation
LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace
WHERE t.typtype = 'd' AND t.oid >= 16384 AND ` + userSchemas + `
ORDER BY 3, 4`}},
		build: buildDomains,
		hcl:   domainHCL(),
	}
}

func domainCheckKind() objectKind {
	return objectKind{
		Kind: kind.Define(kind.Def[DomainCheck]{
			Name: "domain_check", Weight: weightDomainCheck,
			Create: createDomainCheck, Alter: alterDomainCheck, Drop: dropDomainCheck, Renews: renewedByCheck,
		}),
		queries: []catalog.Query{{Name: "domain_checks", SQL: `
SELECT k.oid, k.contypid AS domain, k.conname AS name, pg_catalog.pg_get_constraintdef(k.oid) AS def
FROM pg_catalog.pg_constraint k
WHERE k.contypid <> 0 AND k.contype = 'c' AND k.oid >= 16384
ORDER BY 2, 3`}},
		build: buildDomainChecks,
		hcl:   domainCheckHCL(),
	}
}

func buildDomains(b *builder) error {
	return b.rows("domains", func(r catalog.Row) error {
		id := object.ID{Kind: "domain", Schema: r.Str("schema"), Name: r.Str("name")}
		err := b.add(ref{classType, r.Str("oid"), "0"}, &object.Object{
			ID: id, Claims: []string{typeClaim(id.Schema, id.Name)},
			Value: &Domain{Type: r.Str("type"), NotNull: r.Bool("not_null"), Default: r.Str("default"), Collation: r.Str("collation")},
		})
		b.alias(ref{classType, r.Str("array"), "0"}, id)
		return err
	})
}

func buildDomainChecks(b *builder) error {
	return b.rows("domain_checks", func(r catalog.Row) error {
		domain, ok := b.at(ref{classType, r.Str("domain"), "0"})
		if !ok {
			return nil
		}
		def, notValid := strings.CutSuffix(r.Str("def"), " NOT VALID")
		id := object.ID{Kind: "domain_check", Schema: domain.Schema, Table: domain.Name, Name: r.Str("name")}
		return b.add(ref{classConstraint, r.Str("oid"), "0"}, &object.Object{
			ID: id, Parent: domain, Claims: []string{"constraint of " + domain.String() + " " + ident(id.Name)},
			Value: &DomainCheck{Def: def, NotValid: notValid},
		})
	})
}

func (d *Domain) definition(id object.ID) string {
	sql := "CREATE DOMAIN " + qualified(id.Schema, id.Name) + " AS " + d.Type
	if d.Collation != "" {
		sql += " COLLATE " + d.Collation
	}
	if d.Default != "" {
		sql += " DEFAULT " + d.Default
	}
	return sql + toggle(d.NotNull, " NOT NULL", "")
}

func createDomain(c *kind.Context, d kind.Of[Domain]) ([]plan.Step, error) {
	return []plan.Step{{
		SQL:     d.V.definition(d.ID),
		Comment: "create " + d.ID.String(),
		Reverse: []string{"DROP DOMAIN " + qualified(d.ID.Schema, d.ID.Name)},
		Fold: func(host *plan.Step, parts []*plan.Step) error {
			host.SQL = d.V.definition(d.ID)
			for _, p := range parts {
				if k, ok := kind.Get[DomainCheck](c.To, p.ID); ok {
					host.SQL += "\n  CONSTRAINT " + ident(k.ID.Name) + " " + k.V.Def
				}
			}
			return nil
		},
	}}, nil
}

func alterDomain(c *kind.Context, from, to kind.Of[Domain], a *kind.Attrs) (plan.Edit, error) {
	if a.Take("type", "collation") {
		a.Take(a.Left()...)
		return plan.Replace("PostgreSQL cannot change the type of a domain"), nil
	}
	if a.Has("not_null") && to.V.NotNull && heldInParts(c, to.ID) {
		a.Take(a.Left()...)
		return plan.Replace(unreachable), nil
	}
	var steps []plan.Step
	head := "ALTER DOMAIN " + qualified(to.ID.Schema, to.ID.Name) + " "
	set := func(clause, reverse string) {
		steps = append(steps, plan.Step{SQL: head + clause, Reverse: []string{head + reverse}, Comment: "modify " + to.ID.String()})
	}
	if a.Take("default") {
		clause := func(expr string) string {
			if expr == "" {
				return "DROP DEFAULT"
			}
			return "SET DEFAULT " + expr
		}
		set(clause(to.V.Default), clause(from.V.Default))
	}
	if a.Take("not_null") {
		set(toggle(to.V.NotNull, "SET", "DROP")+" NOT NULL", toggle(from.V.NotNull, "SET", "DROP")+" NOT NULL")
	}
	return plan.InPlace(steps...), nil
}

func dropDomain(_ *kind.Context, d kind.Of[Domain]) ([]plan.Step, error) {
	return []plan.Step{{
		SQL:     "DROP DOMAIN " + qualified(d.ID.Schema, d.ID.Name),
		Comment: "drop " + d.ID.String(),
		Reverse: []string{d.V.definition(d.ID)},
	}}, nil
}

func domainAside(_ *kind.Context, d kind.Of[Domain]) (rename, remove plan.Step) {
	return setAside("DOMAIN", d.ID)
}

func (k *DomainCheck) clause(id object.ID) string {
	return "ADD CONSTRAINT " + ident(id.Name) + " " + k.Def + toggle(k.NotValid, " NOT VALID", "")
}

func createDomainCheck(_ *kind.Context, k kind.Of[DomainCheck]) ([]plan.Step, error) {
	head := "ALTER DOMAIN " + tableOf(k.ID) + " "
	step := plan.Step{
		SQL:     head + k.V.clause(k.ID),
		Comment: "add " + k.ID.String(),
		Reverse: []string{head + "DROP CONSTRAINT " + ident(k.ID.Name)},
	}
	if !k.V.NotValid {
		step.Into = plan.Ref{Op: plan.Create, ID: k.Parent}
	}
	return []plan.Step{step}, nil
}

// unreachable says why PostgreSQL refuses to add a condition (src/backend/commands/typecmds.c, get_rels_with_domain).
const unreachable = "PostgreSQL cannot try a condition on values of the domain that are parts of others"

// renewedByCheck tells where a check cannot be added to a domain in use.
func renewedByCheck(c *kind.Context, k kind.Of[DomainCheck]) string {
	if k.V.NotValid || !heldInParts(c, k.Parent) {
		return ""
	}
	return unreachable
}

func alterDomainCheck(c *kind.Context, from, to kind.Of[DomainCheck], a *kind.Attrs) (plan.Edit, error) {
	a.Take("def", "not_valid")
	if !a.Has("def") && from.V.NotValid && !heldInParts(c, to.Parent) {
		return plan.InPlace(plan.Step{
			SQL:     "ALTER DOMAIN " + tableOf(to.ID) + " VALIDATE CONSTRAINT " + ident(to.ID.Name),
			Comment: "validate " + to.ID.String(),
		}), nil
	}
	return plan.Replace("PostgreSQL cannot change a constraint in place"), nil
}

func dropDomainCheck(_ *kind.Context, k kind.Of[DomainCheck]) ([]plan.Step, error) {
	head := "ALTER DOMAIN " + tableOf(k.ID) + " "
	return []plan.Step{{
		SQL:     head + "DROP CONSTRAINT " + ident(k.ID.Name),
		Comment: "drop " + k.ID.String(),
		Reverse: []string{head + k.V.clause(k.ID)},
	}}, nil
}
