package lint

import "slices"

// Rules are all rules, by theme and then as they are written.
func Rules() []Rule {
	return slices.Concat(
		destructiveRules(), lossRules(), incompatibleRules(), columnRules(), typeRules(), mysqlColumnRules(), mysqlDesignRules(), constraintRules(), foreignKeyRules(), foreignKeyDesignRules(), keyRules(),
		indexRules(), indexDesignRules(), partitionRules(), tableRules(), transactionRules(), mixingRules(), securityRules(), designRules(), routineRules(), fileRules(),
	)
}

// Find returns the rule of an id, or of another linter's code.
func Find(name string) (Rule, bool) {
	all := Rules()
	i := slices.IndexFunc(all, func(r Rule) bool { return r.ID == name })
	if i < 0 {
		i = slices.IndexFunc(all, func(r Rule) bool { return slices.Contains(r.Codes, name) })
	}
	if i < 0 {
		return Rule{}, false
	}
	return all[i], true
}

const (
	pg = "postgres"
	my = "mysql"
)
