package project

// lintShape is the lint block: Atlas's parts, and schemactl's own.
func lintShape(refusal func(string) *shape) *shape {
	naming := attrs("match", "message", "error")
	parts := map[string]*shape{}
	for _, name := range []string{"schema", "table", "column", "index", "foreign_key", "check"} {
		parts[name] = &shape{attrs: naming}
	}
	allow := &shape{many: true, attrs: attrs("match")}
	s := &shape{
		attrs: attrs("format", "log", "latest"),
		blocks: map[string]*shape{
			"git":              {attrs: attrs("base", "dir")},
			"destructive":      {attrs: attrs("error", "force"), blocks: map[string]*shape{"allow_table": allow, "allow_column": allow}},
			"data_depend":      {attrs: attrs("error")},
			"condrop":          {attrs: attrs("error")},
			"incompatible":     {attrs: attrs("error"), blocks: map[string]*shape{"drop_column": {attrs: map[string]attrShape{"message": {later: true}}}}},
			"concurrent_index": {attrs: attrs("error", "check_create", "check_drop", "check_txmode")},
			"non_linear":       {attrs: map[string]attrShape{"error": {}, "on_edit": {words: []string{"IGNORE", "WARN", "ERROR"}}}},
			"naming":           {attrs: naming, blocks: parts},
			"check":            {minLabels: 1, maxLabels: 1, many: true, attrs: attrs("error", "skip")},
			"rule":             ruleShape(),
			"custom":           customShape(),
			"external":         externalShape(),
			"ownership":        refusal("who may change what is for the code owners of the repository to say"),
			"nestedtx":         refusal(`name the rules that it stands for, as in rule "data-change-in-ddl-tx" { severity = error }`),
			"statement":        refusal(`write it as custom "name" { when = matches(statement.sql, "…") … }: docs/lint.md`),
		}}
	s.attrs["review"] = attrShape{words: []string{"ALWAYS", "WARNING", "ERROR"}}
	return s
}

// ruleShape is rule "id" { severity }. Atlas's rule "hcl" "name" { src } is another thing of that name.
func ruleShape() *shape {
	const other = `rules in files of Atlas's are not read; write them as custom "name" { when = … }: docs/lint.md`
	return &shape{minLabels: 1, maxLabels: 2, many: true, attrs: map[string]attrShape{
		"severity": {words: severities()}, "src": {refused: other}, "vars": {refused: other},
	}}
}

// customShape is a predicate of the project's: its expressions are asked of each action of each statement.
func customShape() *shape {
	return &shape{minLabels: 1, maxLabels: 1, many: true, attrs: map[string]attrShape{
		"on": {later: true}, "when": {later: true}, "message": {later: true}, "fix": {later: true},
		"severity": {words: severities()}, "description": {}, "url": {},
	}}
}

// externalShape is a program of the project's that is handed what is linted.
func externalShape() *shape {
	return &shape{minLabels: 1, maxLabels: 1, many: true, attrs: map[string]attrShape{
		"command": {}, "working_dir": {}, "timeout": {}, "severity": {words: severities()}, "description": {}, "url": {},
	}}
}

func severities() []string { return []string{"off", "info", "warning", "error"} }
