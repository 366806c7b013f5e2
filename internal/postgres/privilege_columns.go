package postgres

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// steps go from one list of privileges to another. PostgreSQL takes privileges on columns away with those on their table
// (PostgreSQL manual, REVOKE): what stays of them is granted again, and what is new comes after.
func (p *Permission) steps(c *kind.Context, by *Permission, from, to []string) []plan.Step {
	table := p.table()
	if table == "" {
		return permissionSteps(by, from, to, nil)
	}
	claim := "privileges on columns of " + table + " to " + by.Grantee
	if p.Columns != "" {
		out := permissionSteps(by, from, to, nil)
		for i := range out {
			if strings.HasPrefix(out[i].SQL, "GRANT ") {
				out[i].Takes = append(out[i].Takes, claim)
			}
		}
		return out
	}
	out := permissionSteps(by, from, to, func(taken []string) []string { return p.columnsAgain(c, by.Grantee, taken) })
	for i := range out {
		out[i].Frees = append(out[i].Frees, claim)
	}
	return out
}

// table is the quoted name of the table that the permission is on, or on a column of; "" for anything else.
func (p *Permission) table() string {
	name, is := strings.CutPrefix(p.Subject, "TABLE ")
	if !is {
		return ""
	}
	return name
}

// columnsAgain grants again what the grantee keeps of such privileges on columns of the table.
func (p *Permission) columnsAgain(c *kind.Context, grantee string, taken []string) []string {
	if len(taken) == 0 {
		return nil
	}
	type key struct{ table, grantee string }
	kept := kind.Once(c, "privileges on columns that stay", func() map[key][]*object.Object {
		out := map[key][]*object.Object{}
		for _, o := range c.To.Kind("permission") {
			if v := o.Value.(*Permission); v.Columns != "" && c.From.Has(o.ID) {
				out[key{v.table(), v.Grantee}] = append(out[key{v.table(), v.Grantee}], o)
			}
		}
		return out
	})
	var out []string
	for _, o := range kept[key{p.table(), p.Grantee}] {
		was, is := c.From.Get(o.ID).Value.(*Permission).Privileges, *o.Value.(*Permission)
		is.Grantee = grantee
		stays := slices.DeleteFunc(slices.Clone(is.Privileges), func(x string) bool {
			return !slices.Contains(was, x) && !slices.Contains(was, x+grantOption) || !slices.Contains(taken, strings.TrimSuffix(x, grantOption))
		})
		out = append(out, permissionStatements(&is, nil, stays)...)
	}
	return out
}
