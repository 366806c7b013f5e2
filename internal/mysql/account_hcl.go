package mysql

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/object"
)

var (
	_ dialect.HCLCarrier  = Dialect{}
	_ dialect.HCLDeclarer = Dialect{}
)

// settingAttrs are the attributes of a user by the words of CREATE USER.
func settingAttr(word string) string { return strings.ToLower(strings.ReplaceAll(word, " ", "_")) }

func accountBlocks() []string { return []string{roleKind, userKind} }

func accountHCL(name string) hclKind {
	doc := `a role; needs manage { users = true } unless it is external`
	attrs := []hcl.AttrSpec{
		{Name: "member_of", Takes: hcl.Reference | hcl.String, Refs: []string{roleKind}, List: true, Doc: "the roles that it has"},
		{Name: "external", Takes: hcl.Bool, Doc: "true: it is somebody else's, never made, changed or dropped"},
	}
	if name == userKind {
		doc = `a user, with its host unless that is any: user "app", user "app@localhost"; needs manage { users = true } unless it is external`
		attrs = append(attrs, userAttrs()...)
	}
	return hclKind{
		spec: &hcl.BlockSpec{
			Type: name, Labels: hcl.OneLabel, Doc: doc, Attrs: attrs,
			Blocks: []*hcl.BlockSpec{{Type: "membership", Doc: "a role that it has, with options", Attrs: []hcl.AttrSpec{
				{Name: "role", Takes: hcl.Reference | hcl.String, Refs: []string{roleKind}, Required: true, Doc: "the role"},
				{Name: "admin", Takes: hcl.Bool, Doc: "true: it may grant the role to others"},
			}}},
		},
		decode: decodeAccount, encode: encodeAccount,
	}
}

func userAttrs() []hcl.AttrSpec {
	value := hcl.String | hcl.Number | hcl.Word
	out := []hcl.AttrSpec{
		{Name: "plugin", Takes: hcl.String, Doc: `the plugin that lets it in: plugin = "caching_sha2_password"; without it any will do`},
		{Name: "password", Takes: hcl.String, Secret: true, Doc: "from a variable; set when the user is made, and never shown, read or compared"},
		{Name: "password_hash", Takes: hcl.String, Secret: true, Doc: "the verifier in place of the password, with a plugin"},
		{Name: "default_roles", Takes: hcl.Reference | hcl.String, Refs: []string{roleKind}, List: true, Doc: "the roles that are on after the login; MariaDB takes one"},
		{Name: "locked", Takes: hcl.Bool, Doc: "true: nobody may log in as it"},
		{Name: "attribute", Takes: hcl.String, Doc: "JSON for programs; MySQL"},
		{Name: "comment", Takes: hcl.String, Doc: "the comment in its attribute; MySQL"},
	}
	docs := map[string]string{
		"REQUIRE":         `the encryption that it must use: "SSL", "X509", "ISSUER '…' AND SUBJECT '…'"`,
		"PASSWORD EXPIRE": `when its password ends: "NEVER", "INTERVAL 90 DAY"`,
	}
	for _, w := range settingWords() {
		if w[0] == "ACCOUNT" {
			continue
		}
		text := docs[w[0]]
		if text == "" {
			text = w[0] + " of CREATE USER"
		}
		out = append(out, hcl.AttrSpec{Name: settingAttr(w[0]), Takes: value, Doc: text})
	}
	return out
}

func decodeAccount(d *decoder, b *hcl.Block, _ *object.Object) *object.Object {
	id := d.idOf(b)
	id.Name = accountName(accountParts(id.Name))
	a := &Account{Plugin: b.Text("plugin"), External: b.Bool("external", false), password: b.Text("password"), verifier: b.Text("password_hash")}
	if !a.External && !d.scope.Has(userKind) {
		d.faults.Add(b.Errorf("not-managed", "the %s is declared, but users and roles are not managed", id).
			WithHint("write manage { users = true } into the environment in atlas.hcl, and run with --env"))
		return nil
	}
	if a.verifier != "" && (a.Plugin == "" || a.password != "") {
		d.faults.Add(b.Errorf("conflict", "%s has a password_hash, which takes the plugin that made it and no password", b))
	}
	d.settings(b, a)
	a.Attribute = d.attribute(b)
	for _, v := range b.List("member_of") {
		a.MemberOf = append(a.MemberOf, Membership{Role: d.accountName(v)})
	}
	for _, n := range b.Nested("membership") {
		if v, ok := n.Attr("role"); ok {
			a.MemberOf = append(a.MemberOf, Membership{Role: d.accountName(v), Admin: n.Bool("admin", false)})
		}
	}
	for _, v := range b.List("default_roles") {
		a.Defaults = append(a.Defaults, d.accountName(v))
	}
	sortMemberships(a.MemberOf)
	slices.Sort(a.Defaults)
	return d.object(b, &object.Object{ID: id, Value: a, Claims: []string{"account " + id.Name}, Needs: a.needs()})
}

// accountName is the account of a reference or a text.
func (d *decoder) accountName(v hcl.Value) string {
	if v.Ref.Target != nil {
		return accountName(accountParts(d.idOf(v.Ref.Target).Name))
	}
	return accountName(accountParts(v.Text))
}

var (
	expireForm  = regexp.MustCompile(`^(?:DEFAULT|NEVER|INTERVAL \d+ DAY)$`)
	reuseForm   = regexp.MustCompile(`^(?:DEFAULT|\d+ DAY)$`)
	currentForm = regexp.MustCompile(`^(?:DEFAULT|OPTIONAL|REQUIRED)$`)
	historyForm = regexp.MustCompile(`^(?:DEFAULT|\d+)$`)
	lockForm    = regexp.MustCompile(`^(?:UNBOUNDED|\d+)$`)
	requireForm = regexp.MustCompile(`^(?:NONE|SSL|X509|(?:(?:SUBJECT|ISSUER|CIPHER) '(?:[^'\\]|''|\\.)*'(?: AND |$))+)$`)
	numberForm  = regexp.MustCompile(`^\d+(?:\.\d+)?$`)
)

// settingForm is how the value of a setting looks.
func settingForm(word string) *regexp.Regexp {
	switch word {
	case "PASSWORD EXPIRE":
		return expireForm
	case "PASSWORD REUSE INTERVAL":
		return reuseForm
	case "PASSWORD REQUIRE CURRENT":
		return currentForm
	case "PASSWORD HISTORY":
		return historyForm
	case "PASSWORD_LOCK_TIME":
		return lockForm
	case "REQUIRE":
		return requireForm
	}
	return numberForm
}

// settings reads what CREATE USER has words for.
func (d *decoder) settings(b *hcl.Block, a *Account) {
	a.Settings = map[string]string{}
	if b.Bool("locked", false) {
		a.Settings["ACCOUNT"] = "LOCK"
	}
	for _, w := range settingWords() {
		v, ok := b.Attr(settingAttr(w[0]))
		if !ok || w[0] == "ACCOUNT" {
			continue
		}
		value := v.Text
		if !strings.Contains(value, "'") {
			value = strings.ToUpper(value)
		}
		if !settingForm(w[0]).MatchString(value) {
			d.faults.Add(v.Errorf("wrong-value", "%q is no value of %s", v.Text, settingAttr(w[0])).WithHint("write what follows %s in CREATE USER", w[0]))
			continue
		}
		if w[0] == "REQUIRE" {
			value = requirement("REQUIRE " + value)
		}
		if value != w[1] {
			a.Settings[w[0]] = value
		}
	}
	if len(a.Settings) == 0 {
		a.Settings = nil
	}
}

// attribute reads the attribute and the comment, which the server keeps in it.
func (d *decoder) attribute(b *hcl.Block) string {
	text := map[string]any{}
	if v, ok := b.Attr("attribute"); ok {
		if err := json.Unmarshal([]byte(v.Text), &text); err != nil {
			d.faults.Add(v.Errorf("wrong-value", "the attribute is no JSON object: %v", err).WithHint(`write attribute = "{\"team\": \"shop\"}"`))
		}
	}
	if comment := b.Text("comment"); comment != "" {
		text["comment"] = comment
	}
	if len(text) == 0 {
		return ""
	}
	return marshal(text)
}

func encodeAccount(e *encoder, o *object.Object, b *hcl.Block) {
	a := o.Value.(*Account)
	setText(b, "plugin", a.Plugin)
	setFlag(b, "external", a.External)
	setFlag(b, "locked", a.Settings["ACCOUNT"] != "")
	for _, w := range settingWords() {
		if value := a.Settings[w[0]]; value != "" && w[0] != "ACCOUNT" {
			b.Set(settingAttr(w[0]), either(numberForm.MatchString(value), hcl.Num(value), hcl.Str(value)))
		}
	}
	setText(b, "attribute", a.Attribute)
	var plain []hcl.Value
	for _, m := range a.MemberOf {
		if !m.Admin {
			plain = append(plain, e.accountRef(m.Role))
			continue
		}
		n := b.Add("membership")
		n.Set("role", e.accountRef(m.Role))
		n.Set("admin", hcl.Flag(true))
	}
	if len(plain) > 0 {
		b.Set("member_of", hcl.Items(plain...))
	}
	if len(a.Defaults) > 0 {
		list := make([]hcl.Value, len(a.Defaults))
		for i, r := range a.Defaults {
			list[i] = e.accountRef(r)
		}
		b.Set("default_roles", hcl.Items(list...))
	}
}

// accountRef refers to an account, by its name where it has no block.
func (e *encoder) accountRef(name string) hcl.Value {
	for _, k := range accountBlocks() {
		if e.state.Has(object.ID{Kind: k, Name: name}) {
			return hcl.To(k, name)
		}
	}
	return hcl.Str(name)
}

// DeclaredKinds are accounts and what they may do: they belong to the whole server, so that no dev database is asked.
func (Dialect) DeclaredKinds() []string { return []string{userKind, roleKind, permission} }

// CarriesHCL reports whether HCL may declare such.
func (Dialect) CarriesHCL(scope dialect.Scope, _ [][]byte) bool { return asksForAccounts(scope) }

// CarryHCL adds them to the state that a server made of the other declarations.
func (d Dialect) CarryHCL(declared, built *object.State) error {
	for _, k := range d.DeclaredKinds() {
		for _, o := range declared.Kind(k) {
			c := *o
			c.Needs = slices.DeleteFunc(slices.Clone(o.Needs), func(id object.ID) bool { return !declared.Has(id) && !built.Has(id) })
			if err := built.Add(&c); err != nil {
				return err
			}
		}
	}
	return nil
}
