package mysql

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// The kinds of accounts, which are managed only where that was asked for.
const (
	userKind = "user"
	roleKind = "role"
)

// Account is a user or a role of the server. Passwords are never read, and set only when the user is made.
type Account struct {
	Plugin    string            `json:"plugin,omitempty"`    // that lets the user in; empty: whichever
	Settings  map[string]string `json:"settings,omitempty"`  // by the words of CREATE USER; what is the server's default is not there
	Attribute string            `json:"attribute,omitempty"` // JSON with ordered keys; MySQL
	MemberOf  []Membership      `json:"member_of,omitempty"` // ordered
	Defaults  []string          `json:"defaults,omitempty"`  // roles that are on after the login, ordered

	External bool   `json:"external,omitempty" diff:"-"` // somebody else manages it
	MariaDB  bool   `json:"mariadb,omitempty" diff:"-"`
	password string `diff:"-"` // neither is ever written anywhere but to the server
	verifier string `diff:"-"`
}

// Membership is a role that an account has.
type Membership struct {
	Role  string `json:"role"`
	Admin bool   `json:"admin,omitempty"` // it may grant it to others
}

// accountName is how an account is called: its name, with its host unless that is any.
func accountName(user, host string) string {
	if (host == "%" || host == "") && !strings.Contains(user, "@") {
		return user
	}
	return user + "@" + host
}

// accountParts undoes it.
func accountParts(name string) (user, host string) {
	if i := strings.LastIndexByte(name, '@'); i >= 0 {
		return name[:i], name[i+1:]
	}
	return name, "%"
}

// accountSQL quotes an account; MariaDB's roles have no host.
func accountSQL(name string, bare bool) string {
	user, host := accountParts(name)
	if bare {
		return ident(name)
	}
	return ident(user) + "@" + ident(host)
}

func (a *Account) roleSQL(name string) string { return accountSQL(name, a.MariaDB) }

func (a *Account) sql(id object.ID) string {
	return accountSQL(id.Name, a.MariaDB && id.Kind == roleKind)
}

func userObjects() objectKind { return accountKind(userKind, weightUser) }

func roleObjects() objectKind { return accountKind(roleKind, weightRole) }

func accountKind(name string, weight int) objectKind {
	return objectKind{
		hcl: accountHCL(name),
		Kind: kind.Define(kind.Def[Account]{
			Name: name, Weight: weight,
			Loose: func(a *Account) bool { return a.External },
			Moot: func(_ *kind.Context, _, to kind.Of[Account], attr string) bool {
				return attr == "plugin" && to.V.Plugin == ""
			},
			Create: createAccount, Alter: alterAccount, Drop: dropAccount,
		}),
		queries: func(server, within) []catalog.Query { return nil }, // session.readAccounts
		build:   func(b *builder) error { return b.buildAccounts(name) },
	}
}

// settingWords are the words of CREATE USER that take a value, with what sets each back, in the order of the grammar.
func settingWords() [][2]string {
	return [][2]string{
		{"REQUIRE", "NONE"},
		{"MAX_QUERIES_PER_HOUR", "0"}, {"MAX_UPDATES_PER_HOUR", "0"}, {"MAX_CONNECTIONS_PER_HOUR", "0"},
		{"MAX_USER_CONNECTIONS", "0"}, {"MAX_STATEMENT_TIME", "0"},
		{"PASSWORD EXPIRE", "DEFAULT"}, {"ACCOUNT", "UNLOCK"}, {"PASSWORD HISTORY", "DEFAULT"}, {"PASSWORD REUSE INTERVAL", "DEFAULT"},
		{"PASSWORD REQUIRE CURRENT", "DEFAULT"}, {"FAILED_LOGIN_ATTEMPTS", "0"}, {"PASSWORD_LOCK_TIME", "0"},
	}
}

// settings spell those that differ from another account's.
func (a *Account) settings(from *Account) string {
	var require, limits, rest []string
	for _, w := range settingWords() {
		value, is := a.Settings[w[0]]
		if value == from.Settings[w[0]] {
			continue
		}
		if !is {
			value = w[1]
		}
		switch {
		case w[0] == "REQUIRE":
			require = []string{"REQUIRE", value}
		case strings.HasPrefix(w[0], "MAX_"):
			limits = append(limits, w[0]+" "+value)
		default:
			rest = append(rest, strings.TrimSuffix(w[0]+" "+value, " REQUIRED"))
		}
	}
	if len(limits) > 0 {
		limits = append([]string{"WITH"}, limits...)
	}
	if patch := attributePatch(from.Attribute, a.Attribute); patch != "" {
		rest = append(rest, "ATTRIBUTE "+literal(patch))
	}
	return strings.Join(slices.Concat(require, limits, rest), " ")
}

// attributePatch leads from one attribute to another: the server merges, and takes out what is null.
func attributePatch(from, to string) string {
	if from == to {
		return ""
	}
	var had, has map[string]any
	_ = json.Unmarshal([]byte(from), &had)
	_ = json.Unmarshal([]byte(to), &has)
	if has == nil {
		has = map[string]any{}
	}
	for k := range had {
		if _, stays := has[k]; !stays {
			has[k] = nil
		}
	}
	return marshal(has)
}

// marshal writes JSON with its keys in order.
func marshal(v map[string]any) string {
	text, _ := json.Marshal(v) // of what was read as JSON
	return string(text)
}

// orderedJSON spells a JSON object in the one way that is compared.
func orderedJSON(text string) string {
	var v map[string]any
	if err := json.Unmarshal([]byte(text), &v); err != nil || len(v) == 0 {
		return ""
	}
	return marshal(v)
}

// identified spells how the user proves who it is; hidden has the secret.
func (a *Account) identified() (shown, hidden string) {
	if a.Plugin == "" && a.password == "" {
		return "", ""
	}
	head := " IDENTIFIED"
	if a.Plugin != "" {
		head += either(a.MariaDB, " VIA ", " WITH ") + ident(a.Plugin)
	}
	with := func(secret string) string {
		switch {
		case a.verifier != "":
			return head + either(a.MariaDB, " USING ", " AS ") + secret
		case a.Plugin != "" && a.MariaDB:
			return head + " USING PASSWORD(" + secret + ")"
		}
		return head + " BY " + secret
	}
	if secret := a.verifier + a.password; secret != "" {
		return with(hiddenPassword), with(literal(secret))
	}
	return head, head
}

// hiddenPassword stands for a password where people and files see the statement. It is no SQL: nobody must run it.
const hiddenPassword = "********"

// on is the account as the server of a plan spells it.
func (a *Account) on(c *kind.Context) *Account {
	out := *a
	out.MariaDB = a.MariaDB || c.Policy.Server.Flavor == "mariadb"
	return &out
}

func createAccount(c *kind.Context, a kind.Of[Account]) ([]plan.Step, error) {
	a.V = a.V.on(c)
	word, name := strings.ToUpper(a.ID.Kind), a.V.sql(a.ID)
	step := plan.Step{Comment: "create " + a.ID.String(), Reverse: []string{"DROP " + word + " " + name}}
	if a.ID.Kind == roleKind {
		step.SQL = "CREATE ROLE " + name
	} else {
		shown, hidden := a.V.identified()
		settings := strings.TrimRight(" "+a.V.settings(&Account{}), " ")
		step.SQL = "CREATE USER " + name + shown + settings
		if shown != hidden {
			step.Hide("CREATE USER " + name + hidden + settings)
		}
	}
	return append([]plan.Step{step}, roleSteps(a.ID, &Account{MariaDB: a.V.MariaDB}, a.V)...), nil
}

// roleSteps grant and take away roles.
func roleSteps(id object.ID, from, to *Account) []plan.Step {
	name := to.sql(id)
	var out []plan.Step
	add := func(comment, sql, reverse string) {
		out = append(out, plan.Step{SQL: sql, Reverse: []string{reverse}, Comment: comment})
	}
	grant := func(m Membership) string {
		return "GRANT " + to.roleSQL(m.Role) + " TO " + name + either(m.Admin, " WITH ADMIN OPTION", "")
	}
	revoke := func(m Membership) string { return "REVOKE " + to.roleSQL(m.Role) + " FROM " + name }
	for _, m := range from.MemberOf {
		if !slices.Contains(to.MemberOf, m) && !slices.Contains(to.MemberOf, Membership{m.Role, true}) {
			add("take role "+m.Role+" from "+id.String(), revoke(m), grant(m))
		}
	}
	for _, m := range to.MemberOf {
		if !slices.Contains(from.MemberOf, m) {
			add("grant role "+m.Role+" to "+id.String(), grant(m), revoke(m))
		}
	}
	if !slices.Equal(from.Defaults, to.Defaults) {
		add("set the default roles of "+id.String(), to.defaultRoles(name, to.Defaults), to.defaultRoles(name, from.Defaults))
	}
	return out
}

func (a *Account) defaultRoles(name string, roles []string) string {
	list := "NONE"
	if len(roles) > 0 {
		quoted := make([]string, len(roles))
		for i, r := range roles {
			quoted[i] = a.roleSQL(r)
		}
		list = strings.Join(quoted, ", ")
	}
	return "SET DEFAULT ROLE " + list + either(a.MariaDB, " FOR ", " TO ") + name
}

func alterAccount(c *kind.Context, from, to kind.Of[Account], a *kind.Attrs) (plan.Edit, error) {
	from.V, to.V = from.V.on(c), to.V.on(c)
	var steps []plan.Step
	head := "ALTER USER " + to.V.sql(to.ID)
	if a.Take("plugin") {
		shown, hidden := to.V.identified()
		step := plan.Step{
			SQL: head + shown, Comment: "change how " + to.ID.String() + " is let in",
			Loses: "the password of " + to.ID.String(),
		}
		if shown != hidden {
			step.Hide(head + hidden)
		}
		steps = append(steps, step)
	}
	if a.Take("settings", "attribute") {
		if to.ID.Kind == roleKind {
			return plan.Edit{}, diag.Errorf(to.Pos, "role-settings", "the %s has settings of a user", to.ID).WithHint("declare it as a user")
		}
		steps = append(steps, plan.Step{
			SQL: head + " " + to.V.settings(from.V), Reverse: []string{head + " " + from.V.settings(to.V)}, Comment: "modify " + to.ID.String(),
		})
	}
	a.Take("member_of", "defaults")
	return plan.InPlace(append(steps, roleSteps(to.ID, from.V, to.V)...)...), nil
}

func dropAccount(c *kind.Context, a kind.Of[Account]) ([]plan.Step, error) {
	a.V = a.V.on(c)
	return []plan.Step{{
		SQL: "DROP " + strings.ToUpper(a.ID.Kind) + " " + a.V.sql(a.ID), Comment: "drop " + a.ID.String(),
		Loses: fmt.Sprintf("the %s with its privileges, for all databases of the server", a.ID),
	}}, nil
}

var (
	settingValue = regexp.MustCompile(`^(?:INTERVAL \d+ DAY|\d+ DAY|\d+(?:\.\d+)?|[A-Z]+)`)
	requireParts = regexp.MustCompile(`(SUBJECT|ISSUER|CIPHER) ('(?:[^'\\]|''|\\.)*')`)
)

// parseAccount reads CREATE USER as SHOW CREATE USER writes it, without secrets.
func parseAccount(text string) *Account {
	a := &Account{Settings: map[string]string{}}
	rest := text
	if _, tail, ok := strings.Cut(text, " IDENTIFIED "); ok {
		a.Plugin, rest = pluginOf(tail)
	}
	if _, tail, ok := strings.Cut(rest, " ATTRIBUTE "); ok && strings.HasPrefix(tail, "'") {
		a.Attribute = orderedJSON(unquoteLiteral(tail[:tokenEnd(tail, 0)]))
	}
	plain := withoutTexts(rest)
	for _, w := range settingWords()[1:] {
		_, tail, ok := strings.Cut(" "+plain+" ", " "+w[0]+" ")
		value := settingValue.FindString(tail)
		if w[0] == "PASSWORD REQUIRE CURRENT" && ok && !currentForm.MatchString(value) {
			value = "REQUIRED" // which has no word
		}
		// A password that has expired by itself is no setting.
		if ok && value != "" && value != w[1] && settingForm(w[0]).MatchString(value) || value == "LOCK" {
			a.Settings[w[0]] = value
		}
	}
	if value := requirement(rest); value != "NONE" && value != "" {
		a.Settings["REQUIRE"] = value
	}
	if len(a.Settings) == 0 {
		a.Settings = nil
	}
	return a
}

// pluginOf cuts off how a user proves who it is.
func pluginOf(tail string) (plugin, rest string) {
	words := authWord.FindStringSubmatch(tail)
	if words == nil {
		return "mysql_native_password", tail // IDENTIFIED BY PASSWORD '…'
	}
	return words[1], tail[len(words[0]):]
}

var authWord = regexp.MustCompile("^(?:WITH|VIA) ['`]?(\\w+)['`]?")

// requirement is what stands after REQUIRE, its parts in order.
func requirement(text string) string {
	_, tail, ok := strings.Cut(text, "REQUIRE ")
	if !ok {
		return ""
	}
	parts := map[string]string{}
	for strings.HasPrefix(tail, "SUBJECT ") || strings.HasPrefix(tail, "ISSUER ") || strings.HasPrefix(tail, "CIPHER ") {
		m := requireParts.FindStringSubmatch(tail)
		if m == nil {
			break
		}
		parts[m[1]] = m[1] + " " + m[2]
		tail = strings.TrimPrefix(strings.TrimSpace(tail[len(m[0]):]), "AND ")
	}
	if len(parts) == 0 {
		word, _, _ := strings.Cut(tail, " ")
		return either(word == "CURRENT", "", strings.ToUpper(word)) // PASSWORD REQUIRE CURRENT
	}
	out := make([]string, 0, len(parts))
	for _, k := range slices.Sorted(maps.Keys(parts)) {
		out = append(out, parts[k])
	}
	return strings.Join(out, " AND ")
}
