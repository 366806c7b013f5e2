package mysql

import (
	"regexp"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// permission is the kind of what accounts may do.
const permission = "permission"

// Permission is what one account may do with one thing. A partial revoke, which takes away from the database what the
// account has on all, has Except.
type Permission struct {
	Privileges []string `json:"privileges"` // ordered, in capitals; "INSERT (`a`)", "CLONE_ADMIN WITH GRANT OPTION"
	Account    string   `json:"account" diff:"-"`
	On         GrantOn  `json:"on" diff:"-"`
	Except     bool     `json:"except,omitempty" diff:"-"`
	MariaDB    bool     `json:"mariadb,omitempty" diff:"-"`
	Role       bool     `json:"role,omitempty" diff:"-"` // the account is a role
}

// GrantOn is what a permission is on. The database that the URL names has no name.
type GrantOn struct {
	Level  string `json:"level"` // *, DATABASE, TABLE, FUNCTION, PROCEDURE or PROXY
	Schema string `json:"schema,omitempty"`
	Name   string `json:"name,omitempty"`
}

func (o GrantOn) sql() string {
	switch o.Level {
	case "*":
		return "*.*"
	case "DATABASE":
		if o.Schema == "" {
			return "*"
		}
		return ident(o.Schema) + ".*"
	case "TABLE":
		return qualified(o.Schema, o.Name)
	case "PROXY":
		return accountSQL(o.Name, false)
	}
	return o.Level + " " + qualified(o.Schema, o.Name)
}

func permissionKind() objectKind {
	return objectKind{
		hcl: permissionHCL(),
		Kind: kind.Define(kind.Def[Permission]{
			Name: permission, Weight: weightPermission, Light: true,
			Create: createPermission, Alter: alterPermission, Drop: dropPermission,
		}),
		queries: func(server, within) []catalog.Query { return nil }, // session.readAccounts
		build:   buildPermissions,
	}
}

func permissionID(p *Permission) object.ID {
	name := strings.ToLower(p.On.Level) + " " + p.On.Name
	if p.On.Level == "*" || p.On.Level == "DATABASE" {
		name = either(p.On.Level == "*", "everything", "database "+p.On.Schema)
	}
	return object.ID{Kind: permission, Name: either(p.Except, "all but ", "") + strings.TrimSpace(name) + " to " + p.Account, Table: either(p.On.Level == "DATABASE", "", p.On.Schema)}
}

var (
	grantLine = regexp.MustCompile("^(GRANT|REVOKE) (.+?) ON (.+?) (?:TO|FROM) ((?:`(?:[^`]|``)*`|'(?:[^']|'')*')(?:@(?:`(?:[^`]|``)*`|'(?:[^']|'')*'))?)(.*)$")
	grantedOn = regexp.MustCompile("^(?:(FUNCTION|PROCEDURE|PACKAGE|PACKAGE BODY) )?(?:(\\*|`(?:[^`]|``)*`)\\.)(\\*|`(?:[^`]|``)*`)$")
)

func buildPermissions(b *builder) error {
	if !b.scope.Has(permission) {
		return nil
	}
	roles := map[string]bool{}
	_ = b.rows(accountRows, func(r catalog.Row) error {
		roles[accountName(r.Str("user"), r.Str("host"))] = r.Bool("is_role")
		return nil
	})
	found := map[object.ID]*Permission{}
	err := b.rows(grantRows, func(r catalog.Row) error {
		name := accountName(r.Str("user"), r.Str("host"))
		m := grantLine.FindStringSubmatch(r.Str("text"))
		if m == nil || !sameAccount(m[4], name) {
			return nil // a role, or what a role of the account may do
		}
		p := &Permission{Account: name, Except: m[1] == "REVOKE", MariaDB: b.mariadb, Role: roles[name]}
		var ok bool
		if p.On, ok = b.grantOn(m[2], m[3]); !ok {
			return nil
		}
		p.add(m[2], strings.Contains(m[5], "GRANT OPTION"))
		if len(p.Privileges) == 0 {
			return nil
		}
		id := permissionID(p)
		if have := found[id]; have != nil {
			have.Privileges = append(have.Privileges, p.Privileges...)
			slices.Sort(have.Privileges)
			return nil
		}
		found[id] = p
		return b.add(&object.Object{ID: id, Value: p, Needs: p.needs()})
	})
	return err
}

// needs are the account and what the permission is on; those that are not managed are left out later.
func (p *Permission) needs() []object.ID {
	out := []object.ID{{Kind: userKind, Name: p.Account}, {Kind: roleKind, Name: p.Account}}
	if p.Except { // from what it has on everything
		out = append(out, permissionID(&Permission{Account: p.Account, On: GrantOn{Level: "*"}}))
	}
	switch p.On.Level {
	case "DATABASE":
		out = append(out, schemaID(p.On.Schema))
	case "TABLE":
		for _, k := range []string{"table", "view", "sequence"} {
			out = append(out, object.ID{Kind: k, Schema: p.On.Schema, Name: p.On.Name})
		}
	case "FUNCTION", "PROCEDURE":
		out = append(out, object.ID{Kind: strings.ToLower(p.On.Level), Schema: p.On.Schema, Name: p.On.Name})
	}
	return out
}

// sameAccount reports whether a quoted grantee is the account.
func sameAccount(quoted, name string) bool {
	var parts []string
	for i := 0; i < len(quoted); i++ {
		end := tokenEnd(quoted, i)
		q := quoted[i : i+1]
		parts = append(parts, strings.ReplaceAll(quoted[i+1:end-1], q+q, q))
		i = end
	}
	return accountName(parts[0], either(len(parts) > 1, parts[len(parts)-1], "")) == name
}

// grantOn reads what a permission is on. In a bound scope those on other databases are reported.
func (b *builder) grantOn(privileges, text string) (GrantOn, bool) {
	if privileges == "PROXY" {
		return GrantOn{Level: "PROXY", Name: quotedAccount(text)}, true
	}
	m := grantedOn.FindStringSubmatch(text)
	if m == nil {
		b.unreadable(permission, object.ID{Name: text}, "schemactl does not manage it")
		return GrantOn{}, false
	}
	unquote := func(s string) string { return strings.ReplaceAll(strings.Trim(s, "`"), "``", "`") }
	db, name := unquote(m[2]), unquote(m[3])
	if m[2] == "*" {
		return GrantOn{Level: "*"}, true
	}
	if b.scope.Bound && b.schema(db) != "" {
		b.state.Ledger = append(b.state.Ledger, object.Entry{Kind: permission, Name: db, Status: object.Ignored, Reason: "schemactl: it is on another database than the URL's"})
		return GrantOn{}, false
	}
	switch {
	case m[3] == "*":
		return GrantOn{Level: "DATABASE", Schema: b.schema(db)}, true
	case m[1] == "":
		return GrantOn{Level: "TABLE", Schema: b.schema(db), Name: name}, true
	}
	return GrantOn{Level: m[1], Schema: b.schema(db), Name: name}, true
}

// quotedAccount is the name of a quoted account.
func quotedAccount(text string) string {
	user, host, _ := strings.Cut(text[1:], text[:1]+"@")
	return accountName(user, strings.Trim(host, "`'"))
}

// add takes in a list of privileges. The option to grant them belongs to each of MySQL's dynamic ones, and else to all
// on one thing.
func (p *Permission) add(list string, option bool) {
	static := false
	for _, x := range splitTop(list) {
		x = privilegeName(x)
		if x == "USAGE" {
			static = true
			continue
		}
		if p.dynamic(x) && option {
			x += grantOption
		} else {
			static = static || !p.dynamic(x)
		}
		p.Privileges = append(p.Privileges, x)
	}
	if option && static {
		p.Privileges = append(p.Privileges, "GRANT OPTION")
	}
	slices.Sort(p.Privileges)
	p.Privileges = slices.Compact(p.Privileges)
}

const grantOption = " WITH GRANT OPTION"

func (p *Permission) dynamic(privilege string) bool {
	return p.On.Level == "*" && !p.MariaDB && strings.Contains(privilege, "_")
}

// privilegeName spells a privilege: capitals, and columns quoted and in order.
func privilegeName(s string) string {
	word, columns, has := strings.Cut(strings.TrimSpace(s), "(")
	word = strings.Join(strings.Fields(strings.ToUpper(word)), " ")
	if word == "ALL" {
		word = "ALL PRIVILEGES"
	}
	if !has {
		return word
	}
	names := splitTop(strings.TrimSuffix(strings.TrimSpace(columns), ")"))
	for i, n := range names {
		if n = strings.TrimSpace(n); !strings.HasPrefix(n, "`") {
			n = ident(n)
		}
		names[i] = n
	}
	slices.Sort(names)
	return word + " (" + strings.Join(names, ", ") + ")"
}

// statements lead from one list of privileges to another.
func (p *Permission) statements(from, to []string) []string {
	give, take := "GRANT ", "REVOKE "
	if p.Except {
		give, take = take, give
	}
	var added, removed, optional, lowered []string
	for _, x := range from {
		bare, had := strings.CutSuffix(x, grantOption)
		switch {
		case slices.Contains(to, x):
		case had && slices.Contains(to, bare):
			lowered = append(lowered, bare)
		default:
			removed = append(removed, bare)
		}
	}
	for _, x := range to {
		bare, has := strings.CutSuffix(x, grantOption)
		switch {
		case slices.Contains(from, x):
		case has:
			optional = append(optional, bare)
		default:
			added = append(added, bare)
		}
	}
	who := accountSQL(p.Account, p.MariaDB && p.Role)
	var out []string
	add := func(word string, list []string, tail string) {
		if len(list) == 0 {
			return
		}
		preposition := either(word == "GRANT ", " TO ", " FROM ")
		if option := slices.Index(list, "GRANT OPTION"); option >= 0 && len(list) > 1 && word == "GRANT " {
			list, tail = slices.Delete(slices.Clone(list), option, option+1), grantOption
		}
		all := slices.Index(list, "ALL PRIVILEGES")
		if all >= 0 && len(list) > 1 { // the two may not stand together
			rest := slices.Delete(slices.Clone(list), all, all+1)
			out = append(out, word+strings.Join(rest, ", ")+" ON "+p.On.sql()+preposition+who+tail)
			list = list[all : all+1]
		}
		out = append(out, word+strings.Join(list, ", ")+" ON "+p.On.sql()+preposition+who+tail)
	}
	add(take, removed, "")
	add(take, lowered, "") // with its option; what stays is granted again
	add(give, append(lowered[:len(lowered):len(lowered)], added...), "")
	add(give, optional, grantOption)
	return out
}

func (p *Permission) steps(from, to []string) []plan.Step {
	var out []plan.Step
	back := p.statements(to, from)
	for i, sql := range p.statements(from, to) {
		step := plan.Step{SQL: sql, Comment: "set what " + p.Account + " may do with " + p.On.sql()}
		if i == 0 {
			step.Reverse = back
		}
		out = append(out, step)
	}
	return out
}

func (p *Permission) check(c *kind.Context, o *object.Object) error {
	if p.On.Level == "*" && c.Policy.Server.Flavor == "mysql" && slices.Contains(p.Privileges, "ALL PRIVILEGES") {
		return diag.Errorf(o.Pos, "all-privileges", "the %s: MySQL keeps ALL on everything as a list of its own", o.ID).
			WithHint("list the privileges; schemactl inspect writes those that an account has")
	}
	return nil
}

// on is the permission as the server of a plan spells it.
func (p *Permission) on(c *kind.Context) *Permission {
	out := *p
	out.MariaDB = p.MariaDB || c.Policy.Server.Flavor == "mariadb"
	role := object.ID{Kind: roleKind, Name: p.Account}
	out.Role = p.Role || c.From.Has(role) || c.To.Has(role)
	return &out
}

func createPermission(c *kind.Context, p kind.Of[Permission]) ([]plan.Step, error) {
	p.V = p.V.on(c)
	return p.V.steps(nil, p.V.Privileges), p.V.check(c, p.Object)
}

func alterPermission(c *kind.Context, from, to kind.Of[Permission], a *kind.Attrs) (plan.Edit, error) {
	a.Take("privileges")
	to.V = to.V.on(c)
	return plan.InPlace(to.V.steps(from.V.Privileges, to.V.Privileges)...), to.V.check(c, to.Object)
}

// dropPermission has nothing to do where the account goes: its privileges go with it.
func dropPermission(c *kind.Context, p kind.Of[Permission]) ([]plan.Step, error) {
	p.V = p.V.on(c)
	for _, k := range []string{userKind, roleKind} {
		if id := (object.ID{Kind: k, Name: p.V.Account}); c.From.Has(id) && !c.To.Has(id) {
			return nil, nil
		}
	}
	return p.V.steps(p.V.Privileges, nil), nil
}
