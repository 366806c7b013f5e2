package postgres

import (
	"regexp"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/statement"
)

var (
	mayReachOut = regexp.MustCompile(`(?i)\b(?:create\s+subscription|copy)\b`)
	staysAtHome = regexp.MustCompile(`(?i)\bconnect\s*=\s*'?(?:false|off|0)\b`)
)

// refuseOutreach refuses SQL by which a dev server would connect to the publisher of a subscription, and make a slot there,
// or run programs and write files of its machine.
func refuseOutreach(statements []dialect.Statement) error {
	for _, st := range statements {
		if !mayReachOut.MatchString(st.SQL) {
			continue
		}
		pieces, err := Dialect{}.Split([]byte(st.SQL), st.Pos.File)
		if err != nil {
			return err
		}
		for _, p := range pieces {
			if st.Pos.Line > 0 {
				p.Pos.Line += st.Pos.Line - 1
			}
			if err := reachesOut(p); err != nil {
				return err
			}
		}
	}
	return nil
}

func reachesOut(p dialect.Statement) error {
	c := statement.NewCursor(p.SQL, statement.Flavour{})
	switch {
	case c.Take("create", "subscription") && !staysAtHome.MatchString(p.SQL):
		return diag.Errorf(p.Pos, "reaches-out", "CREATE SUBSCRIPTION would connect the dev server to the publisher").
			WithHint("write WITH (connect = false), or declare the subscription in HCL with connection = var.connection")
	case c.Take("copy"):
		c.Group()
		for !c.Done() && !c.Peek().Is("from", "to") {
			c.Next()
		}
		if to := c.Next().Is("to"); c.Peek().Is("program") || to && c.Peek().Kind == statement.String {
			return diag.Errorf(p.Pos, "reaches-out", "COPY would run a program or write a file on the machine of the dev server").
				WithHint("take the statement out: it makes nothing of a schema")
		}
	}
	return nil
}
