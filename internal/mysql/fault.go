package mysql

import (
	sqldriver "database/sql/driver"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	driver "github.com/go-sql-driver/mysql"

	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
)

// serverFault is a diagnostic that remembers the server's error for the predicates of this package.
type serverFault struct {
	*diag.Diagnostic
	number uint16
}

// Unwrap gives access to the diagnostic.
func (f *serverFault) Unwrap() error { return f.Diagnostic }

// Is tells what sort of fault it is.
func (f *serverFault) Is(target error) bool {
	switch target {
	case dialect.ErrMissing:
		return waitsForOther(f)
	case dialect.ErrCut: // MySQL's ER_QUERY_TIMEOUT and MariaDB's ER_STATEMENT_TIMEOUT
		return f.number == 3024 || f.number == 1969
	case dialect.ErrValues:
		return slices.Contains([]uint16{1264, 1292, 1366, 1406, 3140, 3141}, f.number)
	}
	return false
}

var atLine = regexp.MustCompile(`at line (\d+)$`)

// brand is what the server is called: its error numbers mean something under that name only.
func (s server) brand() string {
	if s.mariadb {
		return "MariaDB"
	}
	return "MySQL"
}

// fault makes a diagnostic of a server's error, with the line inside the statement where the server named one.
func (s server) fault(err error, text string) error {
	var me *driver.MySQLError
	if !errors.As(err, &me) {
		return dialect.Lost(err, driver.ErrInvalidConn, sqldriver.ErrBadConn)
	}
	d := diag.Errorf(diag.Pos{}, fmt.Sprintf("%s %d", s.brand(), me.Number), "%s", me.Message)
	if m := atLine.FindStringSubmatch(me.Message); m != nil && text != "" {
		d.Pos.Line, _ = strconv.Atoi(m[1])
	}
	return &serverFault{Diagnostic: d, number: me.Number}
}

func hasNumber(err error, numbers ...uint16) bool {
	var f *serverFault
	return errors.As(err, &f) && slices.Contains(numbers, f.number)
}

// waitsForOther reports whether the server missed an object that another statement may make: a table, a referenced
// table, a function, a database, a trigger to follow, a sequence, a tablespace, a spatial reference system (MySQL manual, "Server Error Message Reference").
func waitsForOther(err error) bool {
	return hasNumber(err, 1146, 1305, 1049, 1356, 3011, 4091, 3510, 3548) || missesReference(err)
}

// isDenied reports whether the user lacks a privilege.
func isDenied(err error) bool { return hasNumber(err, 1044, 1142, 1143, 1227, 1370) }

// missesReference reports whether a foreign key names a table or key that is not there yet. MariaDB tells only that the
// foreign key is wrong.
func missesReference(err error) bool {
	var f *serverFault
	if !errors.As(err, &f) {
		return false
	}
	return slices.Contains([]uint16{1824, 1822, 6125}, f.number) || f.number == 1005 && strings.Contains(f.Message, "errno: 150")
}

// locate turns the place inside a statement into a place in its file.
func locate(err error, st dialect.Statement) error {
	var f *serverFault
	if !errors.As(err, &f) {
		return err
	}
	pos := st.Pos
	if inner := f.Pos.Line; inner > 1 && pos.Line > 0 {
		pos.Line, pos.Column = pos.Line+inner-1, 0
	}
	f.Pos = pos
	if f.Object == "" {
		f.Object = objectOf(st)
	}
	name := f.Object[strings.LastIndexAny(f.Object, " .")+1:]
	if name != "" && pos.Line > 0 && !strings.Contains(f.Message, "'"+name+"'") && !strings.Contains(f.Message, ident(name)) {
		f.Message = f.Object + ": " + f.Message
	}
	if f.Hint == "" {
		f.Hint = hintFor(f.number)
	}
	return f
}

var createHead = regexp.MustCompile("(?is)^(?:/\\*M?!\\d*\\s*)?(?:create|alter)\\s+(?:or\\s+replace\\s+)?(?:.*?\\s)??" +
	"(table|view|function|procedure|trigger|event|sequence|index|database|schema)\\s+(?:if\\s+not\\s+exists\\s+)?((?:`(?:[^`]|``)*`|[\\w$.])+)")

// objectOf names what a statement makes: as it is known, or as the statement begins.
func objectOf(st dialect.Statement) string {
	if !st.Object.IsZero() {
		return st.Object.String()
	}
	if m := createHead.FindStringSubmatch(st.SQL[:min(len(st.SQL), 300)]); m != nil {
		return strings.ToLower(m[1]) + " " + strings.ReplaceAll(m[2], "`", "")
	}
	return ""
}

// connectFault says what to do about a connection that failed (MySQL manual, "Server Error Message Reference").
func connectFault(u *dburl.URL, err error) error {
	d := diag.Errorf(diag.Pos{}, "connect", "cannot connect to %s: %v", u.Redacted(), err)
	var me *driver.MySQLError
	if !errors.As(err, &me) {
		return d.WithHint("check that the server runs and that host and port are right")
	}
	switch me.Number {
	case 1044:
		return d.WithHint("the user has no rights in this database: GRANT them, or name another user in the URL")
	case 1045, 1698:
		return d.WithHint("check the user and password in the URL, MYSQL_PWD or ~/.my.cnf")
	case 1049:
		return d.WithHint("create the database first, or leave it out of the URL to manage the whole server")
	case 1040, 1203:
		return d.WithHint("the server has no connection left: try again, or raise max_connections")
	case 1129, 1130:
		return d.WithHint("the server refuses this host: create a user for it")
	}
	return d
}
