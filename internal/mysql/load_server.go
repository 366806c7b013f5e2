package mysql

import (
	"context"
	"regexp"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
)

// changesAccounts matches statements on users, roles and privileges, changesServer others on what belongs to the whole
// server: a dev database may be on a server of users, and nothing would take back what they do there. (Tablespaces and
// reference systems, which tables may name, are made for the load: see execute.)
var (
	changesAccounts = regexp.MustCompile(`(?i)^(?:/\*M?!\d*\s*)?(?:(?:create|alter|drop|rename)\s+(?:or\s+replace\s+)?(?:user|role)\s|(?:grant|revoke)\s|set\s+(?:default\s+role|password)\b)`)
	changesServer   = regexp.MustCompile(`(?i)^(?:/\*M?!\d*\s*)?(?:` +
		`(?:create|alter|drop)\s+(?:or\s+replace\s+)?(?:server|resource\s+group|logfile\s+group|instance)\s` +
		`|create\s+undo\s+tablespace\s|(?:alter|drop)\s+(?:(?:undo\s+)?tablespace|spatial\s+reference\s+system)\s` +
		`|create\s+(?:or\s+replace\s+)?(?:aggregate\s+)?function\s+(?:if\s+not\s+exists\s+)?\S+\s+returns\s+\w+\s+soname\s` +
		`|set\s+(?:global\s|persist\s|persist_only\s|@@global\.|@@persist\.|@@persist_only\.)` +
		`|(?:install|uninstall|flush|reset|purge|clone|kill)\s|(?:shutdown|restart)\b` +
		`|change\s+(?:master|replication)\s|(?:start|stop)\s+(?:all\s+)?(?:slaves?|replicas?|group_replication)\b)`)
)

// passedOver is a statement that was not run.
type passedOver struct {
	pos          diag.Pos
	kind, reason string
}

// passOver takes a statement out that is not for a dev database, and reports whether it did.
func (l *load) passOver(st dialect.Statement) bool {
	switch {
	case changesAccounts.MatchString(st.SQL):
		l.passed = append(l.passed, passedOver{st.Pos, "account statement", "it was not run: users, roles and privileges are declared in HCL"})
	case changesServer.MatchString(st.SQL):
		l.passed = append(l.passed, passedOver{st.Pos, "server statement", "it was not run: it is about the whole server"})
	default:
		return false
	}
	return true
}

// makesTablespace and makesReference match statements that make on the whole server what tables name.
var (
	makesTablespace = regexp.MustCompile("(?is)^(?:/\\*!\\d*\\s*)?create\\s+tablespace\\s+(`(?:[^`]|``)+`|[\\w$]+)\\s")
	makesReference  = regexp.MustCompile(`(?is)^(?:/\*!\d*\s*)?create\s+(or\s+replace\s+)?spatial\s+reference\s+system\s+(if\s+not\s+exists\s+)?(\d+)\s`)
)

// execute runs a statement. What it makes of the whole server is kept in mind for clean; what the server has already
// stays as it is, whatever the statement says.
func (l *load) execute(ctx context.Context, st dialect.Statement) error {
	l.noteSaid(st)
	text, undo := st.SQL, ""
	if m := makesTablespace.FindStringSubmatch(text); m != nil {
		undo = "DROP TABLESPACE " + m[1]
	} else if m := makesReference.FindStringSubmatchIndex(text); m != nil {
		undo = "DROP SPATIAL REFERENCE SYSTEM " + text[m[6]:m[7]]
		text = without(text, m[4:6], m[2:4])
	}
	err := l.Exec(ctx, text)
	if undo == "" {
		return err
	}
	reason := "it was run for the reading of this source alone, and taken back: it is about the whole server"
	if hasNumber(err, 1813, 3712) {
		err, undo, reason = nil, "", "it was not run: the dev server has one of that name, and it is about the whole server"
	}
	if err != nil {
		return err
	}
	if undo != "" {
		l.takeBack = append(l.takeBack, undo)
	}
	l.passed = append(l.passed, passedOver{st.Pos, "server statement", reason})
	return nil
}

// without cuts spans, the last one first, out of a text; a span that is not there begins at -1.
func without(text string, spans ...[]int) string {
	for _, s := range spans {
		if s[0] >= 0 {
			text = text[:s[0]] + text[s[1]:]
		}
	}
	return text
}
