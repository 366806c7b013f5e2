package postgres

import (
	"regexp"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
)

var (
	namesSubscription = regexp.MustCompile(`(?i)\bcreate\s+subscription\b`)
	makesSubscription = regexp.MustCompile(`(?i)^\s*create\s+subscription\b`)
	staysAtHome       = regexp.MustCompile(`(?i)\bconnect\s*=\s*'?(?:false|off|0)\b`)
)

// refuseOutreach refuses SQL that would connect a dev server to the publisher of a subscription, and make a slot there.
func refuseOutreach(statements []dialect.Statement) error {
	for _, st := range statements {
		if !namesSubscription.MatchString(st.SQL) {
			continue
		}
		pieces, err := Dialect{}.Split([]byte(st.SQL), st.Pos.File)
		if err != nil {
			return err
		}
		for _, p := range pieces {
			if !makesSubscription.MatchString(p.SQL) || staysAtHome.MatchString(p.SQL) {
				continue
			}
			if st.Pos.Line > 0 {
				p.Pos.Line += st.Pos.Line - 1
			}
			return diag.Errorf(p.Pos, "reaches-out", "CREATE SUBSCRIPTION would connect the dev server to the publisher").
				WithHint("write WITH (connect = false), or declare the subscription in HCL with connection = var.connection")
		}
	}
	return nil
}
