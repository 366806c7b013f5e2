package project

import (
	"maps"
	"slices"
	"strings"
)

// shape says what a block may hold. What it does not name is an error.
type shape struct {
	minLabels, maxLabels int
	attrs                map[string]attrShape
	blocks               map[string]*shape
	open                 bool   // attributes of other names are the user's own
	many                 bool   // the block may stand more than once
	ignored              string // the block has no effect, and why that is harmless
	refused              string // the block cannot be honoured, and what to do
}

// attrShape says what an attribute may be.
type attrShape struct {
	words   []string // bare words that it takes, beside strings
	later   bool     // it is evaluated when what it is about is there
	ignored string
	refused string
}

func attrs(names ...string) map[string]attrShape {
	out := make(map[string]attrShape, len(names))
	for _, n := range names {
		out[n] = attrShape{}
	}
	return out
}

// known are the names that the shape accepts, for did-you-mean.
func (s *shape) known() []string {
	return slices.Sorted(maps.Keys(union(s.attrs, s.blocks)))
}

func union[A, B any](a map[string]A, b map[string]B) map[string]bool {
	out := map[string]bool{}
	for k := range a {
		out[k] = true
	}
	for k := range b {
		out[k] = true
	}
	return out
}

const (
	cloudOnly = "schemactl does not talk to Atlas Cloud"
	notYet    = "schemactl does not support it yet; remove it to go on"
)

// fileShape is the project file: Atlas's blocks, and of its paid and cloud features the names.
func fileShape() *shape {
	repo := &shape{open: true, many: true, ignored: cloudOnly}
	refusal := func(why string) *shape {
		return &shape{maxLabels: 9, open: true, many: true, refused: why, blocks: nil}
	}
	container := &shape{minLabels: 2, maxLabels: 2, many: true, attrs: attrs("image", "schema", "database"),
		blocks: map[string]*shape{"build": refusal("build the image beforehand and name it in image")}}
	for _, name := range []string{"baseline", "init", "command", "template"} {
		container.attrs[name] = attrShape{refused: notYet}
	}
	top := &shape{blocks: map[string]*shape{
		"variable": {minLabels: 1, maxLabels: 1, many: true, attrs: attrs("type", "default", "description", "sensitive"),
			blocks: map[string]*shape{"validation": {many: true, attrs: attrs("condition", "error_message")}}},
		"locals": {open: true, many: true},
		"data":   {minLabels: 2, maxLabels: 2, many: true, open: true, blocks: map[string]*shape{"schema": {maxLabels: 1, open: true, many: true}}},
		"env":    envShape(repo, refusal),
		"lint":   lintShape(refusal),
		"diff":   diffShape(refusal),
		"test":   testShape(),
		"docker": container,
		"dev": {minLabels: 2, maxLabels: 2, many: true,
			attrs: map[string]attrShape{"url": {}, "baseline": {refused: notYet}}},
		"atlas": {open: true, ignored: cloudOnly, blocks: map[string]*shape{"cloud": {open: true}}},
	}}
	top.blocks["diff"].maxLabels = 1
	for _, name := range []string{"hook", "check", "script", "predicate", "rule"} {
		top.blocks[name] = refusal(notYet)
	}
	for _, name := range []string{"online", "approval"} {
		top.blocks[name] = refusal("write it into the environment")
	}
	return top
}

func envShape(repo *shape, refusal func(string) *shape) *shape {
	templates := func(names ...string) *shape { return &shape{attrs: attrs(names...)} }
	format := &shape{blocks: map[string]*shape{
		"migrate": templates("apply", "down", "lint", "status", "diff", "drift"),
		"schema":  templates("clean", "inspect", "apply", "diff", "push"),
	}}
	mode := &shape{maxLabels: 1, attrs: attrs("permissions", "roles", "default_permissions", "schemas", "tables", "types", "views", "funcs", "triggers")}
	mode.attrs["sensitive"] = attrShape{ignored: "passwords come from variables, and no plan shows them"}
	mode.attrs["objects"] = attrShape{refused: "name the kinds in manage { … }"}
	migration := &shape{attrs: attrs("dir", "baseline", "exclude", "lock_timeout", "revisions_schema", "down", "check_data"),
		blocks: map[string]*shape{"repo": repo}}
	migration.attrs["exec_order"] = attrShape{words: []string{"LINEAR", "LINEAR_SKIP", "NON_LINEAR"}}
	migration.attrs["tx_mode"] = attrShape{words: []string{"none", "file", "all"}}
	migration.attrs["format"] = attrShape{words: []string{"atlas", "golang-migrate", "goose", "flyway", "liquibase", "dbmate", "sqitch"}}
	migration.attrs["lock_name"] = attrShape{refused: notYet}
	manage := &shape{open: true} // the dialect knows the names
	e := &shape{maxLabels: 1, open: true, many: true,
		attrs: attrs("name", "for_each", "url", "dev", "src", "schemas", "exclude", "include", "allow_destructive", "strict", "password_command"),
		blocks: map[string]*shape{
			"schema":    {attrs: attrs("src"), blocks: map[string]*shape{"repo": repo, "mode": mode}},
			"migration": migration,
			"format":    format,
			"log":       format,
			"diff":      diffShape(refusal),
			"lint":      lintShape(refusal),
			"test":      testShape(),
			"manage":    manage,
		}}
	for _, name := range []string{"data", "script", "hook", "check"} {
		e.blocks[name] = refusal(notYet)
	}
	e.blocks["approval"] = &shape{attrs: attrs("signers", "required")}
	e.blocks["online"] = &shape{minLabels: 1, maxLabels: 1, attrs: attrs("threshold", "program", "args")}
	return e
}

func diffShape(refusal func(string) *shape) *shape {
	s := &shape{attrs: attrs("explicit_algorithm", "ignore", "online", "online_rows", "online_except", "phased"), blocks: map[string]*shape{
		"skip":             {open: true},
		"concurrent_index": {attrs: attrs("create", "add", "drop")},
	}}
	for _, name := range []string{"materialized", "add_table", "drop_table", "add_column", "drop_column", "add_index", "drop_index",
		"add_schema", "drop_schema", "not_null"} {
		s.blocks[name] = refusal(notYet)
	}
	s.blocks["online"] = refusal(`write online = true, or online "pt-osc" { … } into the environment`)
	return s
}

func testShape() *shape {
	part := &shape{attrs: attrs("src", "vars")}
	return &shape{blocks: map[string]*shape{"schema": part, "migrate": part, "script": part, "plan": part}}
}

// skipKinds are the kinds that a skip rule can name after its action.
func skipKinds() []string {
	return []string{"schema", "table", "column", "index", "foreign_key", "primary_key", "unique", "check", "exclude", "constraint",
		"enum", "domain", "composite", "range", "collation", "sequence", "view", "materialized", "function", "procedure",
		"aggregate", "trigger", "event_trigger", "policy", "extension", "role", "user", "permission", "default_permission",
		"partition", "event", "server", "user_mapping", "foreign_table", "publication", "subscription", "statistics", "cast",
		"object", "comment"}
}

// parseSkip reads a name such as drop_foreign_key.
func parseSkip(name string) (action, kind string, ok bool) {
	action, kind, ok = strings.Cut(name, "_")
	switch kind {
	case "func":
		kind = "function"
	case "proc":
		kind = "procedure"
	case "fk":
		kind = "foreign_key"
	}
	return action, kind, ok && slices.Contains(skipActions(), action) && slices.Contains(skipKinds(), kind)
}

func skipActions() []string { return []string{"add", "drop", "modify", "rename"} }
