package postgres

import (
	"context"
	"database/sql/driver"
	"fmt"

	"github.com/lib/pq"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/visible"
)

// heard is what the server said beside its answers, where that means that it did something else than it was told.
type heard struct {
	cut       []string // the notices that a name is cut
	noteCut   bool     // they are asked for
	ungranted string   // the warning that privileges were not granted or revoked, by the last statement

	tell func(string) // hears all of it; nil: nobody does
	told int
}

// mostNotices is how many notices of a run are told: a loop can raise one for each row.
const mostNotices = 100

// Hear has the notices told, each on one line.
func (h *history) Hear(tell func(string)) { h.heard.tell, h.heard.told = tell, 0 }

func (h *heard) pass(n *pq.Error) {
	if h.tell == nil || h.told > mostNotices {
		return
	}
	if h.told++; h.told > mostNotices {
		h.tell(fmt.Sprintf("the server said more than %d things; the rest is not shown", mostNotices))
		return
	}
	h.tell("server: " + n.Severity + ": " + visible.Line(visible.Brief(n.Message)))
}

// listen has the notices of the connection heard.
func (s *session) listen() error {
	return s.conn.Raw(func(c any) error {
		pq.SetNoticeHandler(c.(driver.Conn), s.heard.take)
		return nil
	})
}

func (h *heard) take(n *pq.Error) {
	h.pass(n)
	switch n.Code {
	case "42622":
		h.takeCut(n)
	case "01006", "01007": // privilege_not_revoked, privilege_not_granted
		h.ungranted = n.Message
	}
}

// Exec runs a statement. A grant that the server passes over with a warning is an error: all would go on as if it were
// there.
func (s *session) Exec(ctx context.Context, text string) error {
	s.heard.ungranted = ""
	if err := s.exec(ctx, text); err != nil {
		return err
	}
	if s.heard.ungranted == "" {
		return nil
	}
	return diag.Errorf(diag.Pos{}, "not-granted", "%s: the role %s may not pass them on, and the server only warns of it", s.heard.ungranted, s.user).
		WithHint("connect as the owner of the object, or as a role that has the privileges WITH GRANT OPTION")
}

// exec runs a statement; warnings are the server's affair.
func (s *session) exec(ctx context.Context, text string) error {
	_, err := s.conn.ExecContext(ctx, text)
	return s.denied(fault(err, text))
}

// Exec runs a statement of a migration, which means what the server makes of it.
func (h *history) Exec(ctx context.Context, text string) error { return h.exec(ctx, text) }
