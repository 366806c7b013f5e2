package mysql

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// The tables of a catalog with accounts.
const (
	accountRows = "accounts"
	grantRows   = "grants"
	memberRows  = "memberships"
	defaultRows = "default_roles"
)

// asksForAccounts reports whether the scope holds accounts or what they may do.
func asksForAccounts(scope dialect.Scope) bool { return scope.Has(userKind) || scope.Has(permission) }

// systemAccounts is the condition for the accounts that are the server's own.
const systemAccounts = "(User IN ('root', '', 'PUBLIC') OR User LIKE 'mysql.%' OR User LIKE 'mariadb.%')"

// readAccounts reads the accounts of the server and what they may do; no secret is kept.
func (s *session) readAccounts(ctx context.Context, c *catalog.Catalog) error {
	role, members, defaults := "'N'", `
SELECT TO_USER AS user, TO_HOST AS host, FROM_USER AS role, FROM_HOST AS role_host, WITH_ADMIN_OPTION AS admin FROM mysql.role_edges ORDER BY 1, 2, 3, 4`, `
SELECT USER AS user, HOST AS host, DEFAULT_ROLE_USER AS role, DEFAULT_ROLE_HOST AS role_host FROM mysql.default_roles ORDER BY 1, 2, 3, 4`
	if s.flavor.mariadb {
		role, members, defaults = "is_role", `
SELECT User AS user, Host AS host, Role AS role, '' AS role_host, Admin_option AS admin FROM mysql.roles_mapping ORDER BY 1, 2, 3`, `
SELECT User AS user, Host AS host, default_role AS role, '' AS role_host FROM mysql.user WHERE default_role <> '' ORDER BY 1, 2`
	}
	rows, err := catalog.Read(ctx, s.conn, nil, []catalog.Query{
		{Name: accountRows, SQL: "SELECT User AS user, Host AS host, " + role + " AS is_role, " + systemAccounts + " AS of_server FROM mysql.user ORDER BY 1, 2"},
		{Name: memberRows, SQL: members}, {Name: defaultRows, SQL: defaults},
	})
	if err := s.flavor.fault(err, ""); err != nil {
		return accountFault(err)
	}
	c.Tables[memberRows], c.Tables[defaultRows] = rows[memberRows], rows[defaultRows]
	accounts, grants := catalog.NewRows("user", "host", "is_role", "reason", "text"), catalog.NewRows("user", "host", "text")
	err = rows[accountRows].Each(func(r catalog.Row) error {
		user, host, isRole := r.Str("user"), r.Str("host"), r.Str("is_role") == "Y"
		reason := either(r.Bool("of_server"), "it is the server's", "")
		if own := c.Settings["account"]; user+"@"+host == own {
			reason = "it is the one that is connected"
		}
		text := ""
		if reason == "" && !isRole {
			shown, err := s.lines(ctx, "SHOW CREATE USER "+accountSQL(user+"@"+host, false))
			if err != nil {
				return accountFault(err)
			}
			text = withoutSecrets(strings.Join(shown, ""))
			isRole = !s.flavor.mariadb && lockedRole.MatchString(text)
		}
		accounts.Add(user, host, either(isRole, "1", "0"), reason, text)
		if reason != "" {
			return nil
		}
		shown, err := s.lines(ctx, "SHOW GRANTS FOR "+either(s.flavor.mariadb && isRole, ident(user), accountSQL(user+"@"+host, false)))
		for _, line := range shown {
			grants.Add(user, host, withoutSecrets(line))
		}
		return accountFault(err)
	})
	c.Tables[accountRows], c.Tables[grantRows] = accounts, grants
	return err
}

// lockedRole tells roles of MySQL: accounts without a secret that are locked and whose password has expired.
var lockedRole = regexp.MustCompile(`^CREATE USER .* IDENTIFIED WITH '\w+' REQUIRE NONE PASSWORD EXPIRE ACCOUNT LOCK `)

// withoutSecrets takes the verifiers of passwords out: what follows certain words outside of other texts.
func withoutSecrets(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); {
		end := tokenEnd(text, i)
		hex := strings.HasPrefix(text[i:], "0x")
		if hex {
			end = i + len(hexNumber.FindString(text[i:]))
		}
		if (hex || text[i] == '\'') && secretWord.MatchString(b.String()) {
			b.WriteString("…")
		} else {
			b.WriteString(text[i:end])
		}
		i = end
	}
	return b.String()
}

var (
	secretWord = regexp.MustCompile(`(?i)\b(?:AS|USING|PASSWORD|BY) $`)
	hexNumber  = regexp.MustCompile(`^0x[0-9A-Fa-f]*`)
)

func accountFault(err error) error {
	if err == nil || !isDenied(err) {
		return err
	}
	return diag.Errorf(diag.Pos{}, "accounts-unreadable", "the user may not see the accounts of the server: %s", firstLine(err.Error())).
		WithHint("GRANT SELECT ON mysql.* to the user, or take users and privileges out of manage { }")
}

// lines are the first column of a result. Verifiers of MySQL come as hexadecimal numbers, for they may hold any byte.
func (s *session) lines(ctx context.Context, query string) ([]string, error) {
	if !s.flavor.mariadb {
		if err := s.Exec(ctx, "SET SESSION print_identified_with_as_hex = 1"); err != nil && !hasNumber(err, 1193) {
			return nil, err
		}
	}
	rows, err := catalog.Read(ctx, s.conn, nil, []catalog.Query{{Name: "lines", SQL: query}})
	if err := s.flavor.fault(err, query); err != nil {
		return nil, err
	}
	var out []string
	column := rows["lines"].Columns[0]
	err = rows["lines"].Each(func(r catalog.Row) error {
		out = append(out, r.Str(column))
		return nil
	})
	return out, err
}

// buildAccounts makes the users, or the roles.
func (b *builder) buildAccounts(kindName string) error {
	members, defaults := b.memberships()
	return b.rows(accountRows, func(r catalog.Row) error {
		isRole := r.Bool("is_role")
		if isRole != (kindName == roleKind) {
			return nil
		}
		name := accountName(r.Str("user"), r.Str("host"))
		if reason := r.Str("reason"); reason != "" {
			b.state.Ledger = append(b.state.Ledger, object.Entry{Kind: kindName, Name: name, Status: object.Ignored, Reason: "schemactl: " + reason})
			return nil
		}
		if !b.scope.Has(userKind) {
			return nil
		}
		a := &Account{}
		if !isRole {
			a = parseAccount(r.Str("text"))
		}
		a.MariaDB, a.MemberOf, a.Defaults = b.mariadb, members[name], defaults[name]
		o := &object.Object{ID: object.ID{Kind: kindName, Name: name}, Value: a, Claims: []string{"account " + name}}
		o.Needs = a.needs()
		return b.add(o)
	})
}

// needs are the roles that the account has.
func (a *Account) needs() []object.ID {
	var out []object.ID
	for _, m := range a.MemberOf {
		out = append(out, object.ID{Kind: roleKind, Name: m.Role})
	}
	return out
}

func (b *builder) memberships() (members map[string][]Membership, defaults map[string][]string) {
	members, defaults = map[string][]Membership{}, map[string][]string{}
	_ = b.rows(memberRows, func(r catalog.Row) error {
		name := accountName(r.Str("user"), r.Str("host"))
		members[name] = append(members[name], Membership{accountName(r.Str("role"), r.Str("role_host")), r.Str("admin") == "Y"})
		return nil
	})
	_ = b.rows(defaultRows, func(r catalog.Row) error {
		name := accountName(r.Str("user"), r.Str("host"))
		defaults[name] = append(defaults[name], accountName(r.Str("role"), r.Str("role_host")))
		return nil
	})
	for _, list := range members {
		sortMemberships(list)
	}
	for _, list := range defaults {
		slices.Sort(list)
	}
	return members, defaults
}

func sortMemberships(list []Membership) {
	slices.SortFunc(list, func(a, b Membership) int { return strings.Compare(fmt.Sprint(a.Role), fmt.Sprint(b.Role)) })
}

// spareAccounts refuses statements on the account that is connected and on the server's own, which are never read.
func (s *session) spareAccounts(ctx context.Context, steps []*plan.Step) error {
	own := ""
	for _, st := range steps {
		name, concerns := st.ID.Name, st.ID.Kind == userKind || st.ID.Kind == roleKind
		if st.ID.Kind == permission {
			_, name, concerns = cutLast(st.ID.Name, " to ")
		}
		if !concerns {
			continue
		}
		if own == "" {
			if err := s.conn.QueryRowContext(ctx, "SELECT CURRENT_USER()").Scan(&own); err != nil {
				return s.flavor.fault(err, "")
			}
		}
		user, host := accountParts(name)
		system := user == "root" || user == "" || strings.HasPrefix(user, "mysql.") || strings.HasPrefix(user, "mariadb.")
		if connected := user+"@"+host == own; connected || system {
			return diag.Errorf(st.Pos, "spared-account", "the %s concerns the account %s, which %s", st.ID, name,
				either(connected, "is the one that is connected", "is the server's")).
				WithHint("take it out: schemactl changes neither that account nor what it may do")
		}
	}
	return nil
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}
