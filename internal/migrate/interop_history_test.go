package migrate_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	amigrate "ariga.io/atlas/sql/migrate"
	amysql "ariga.io/atlas/sql/mysql"
	apostgres "ariga.io/atlas/sql/postgres"

	"github.com/schemactl/schemactl/internal/dbtest"
	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/migrate"
	"github.com/schemactl/schemactl/internal/mysql"
	"github.com/schemactl/schemactl/internal/postgres"
	"github.com/schemactl/schemactl/internal/revision"
)

// theirTable is Atlas's way to its table, as its command line has it: columns that nothing was said of are empty, not
// NULL.
type theirTable struct {
	db    *sql.DB
	table string
	mysql bool
}

func (r *theirTable) Ident() *amigrate.TableIdent {
	return &amigrate.TableIdent{Name: dialect.RevisionsTable}
}

func (r *theirTable) ReadRevisions(ctx context.Context) (_ []*amigrate.Revision, err error) {
	rows, err := r.db.QueryContext(ctx, "SELECT version, description, type, applied, total, execution_time, error, error_stmt, hash, partial_hashes, operator_version FROM "+r.table+" ORDER BY version")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var out []*amigrate.Revision
	for rows.Next() {
		v := &amigrate.Revision{}
		var failure, stmt sql.NullString
		var hashes []byte
		if err := rows.Scan(&v.Version, &v.Description, &v.Type, &v.Applied, &v.Total, &v.ExecutionTime, &failure, &stmt, &v.Hash, &hashes, &v.OperatorVersion); err != nil {
			return nil, err
		}
		v.Error, v.ErrorStmt = failure.String, stmt.String
		if hashes != nil {
			if err := json.Unmarshal(hashes, &v.PartialHashes); err != nil {
				return nil, err
			}
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

func (r *theirTable) ReadRevision(ctx context.Context, version string) (*amigrate.Revision, error) {
	all, err := r.ReadRevisions(ctx)
	if err != nil {
		return nil, err
	}
	for _, v := range all {
		if v.Version == version {
			return v, nil
		}
	}
	return nil, amigrate.ErrRevisionNotExist
}

func (r *theirTable) WriteRevision(ctx context.Context, v *amigrate.Revision) error {
	hashes, err := json.Marshal(v.PartialHashes)
	if err != nil {
		return err
	}
	args := []any{v.Version, v.Description, int(v.Type), v.Applied, v.Total, time.Now().UTC(), int64(v.ExecutionTime), v.Error, v.ErrorStmt, v.Hash, string(hashes), "Atlas CLI v1.3.0"}
	insert := "INSERT INTO " + r.table + " (version, description, type, applied, total, executed_at, execution_time, error, error_stmt, hash, partial_hashes, operator_version) VALUES "
	if r.mysql {
		_, err = r.db.ExecContext(ctx, insert+"(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE type = VALUES(type), applied = VALUES(applied), total = VALUES(total), "+
			"error = VALUES(error), error_stmt = VALUES(error_stmt), hash = VALUES(hash), partial_hashes = VALUES(partial_hashes), operator_version = VALUES(operator_version)", args...)
		return err
	}
	_, err = r.db.ExecContext(ctx, insert+"($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (version) DO UPDATE SET type = excluded.type, applied = excluded.applied, "+
		"total = excluded.total, error = excluded.error, error_stmt = excluded.error_stmt, hash = excluded.hash, partial_hashes = excluded.partial_hashes, operator_version = excluded.operator_version", args...)
	return err
}

func (r *theirTable) DeleteRevision(ctx context.Context, version string) error {
	_, err := r.db.ExecContext(ctx, "DELETE FROM "+r.table+" WHERE version = '"+version+"'")
	return err
}

// TestAlternating has Atlas's library and schemactl run the files of one directory on one database in turn, each going
// on where the other stopped, also midway in a file.
func TestAlternating(t *testing.T) {
	for _, name := range []string{"postgres-18", "mysql-9.7", "mariadb-10.11"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAlternation(t, name)
			a.write("1_a.sql", "CREATE TABLE log (n int);\nINSERT INTO log VALUES (1);\n")
			a.write("2_b.sql", "INSERT INTO log VALUES (2);\nCREATE TABLE b (id int);\n")
			a.ours("")
			a.write("3_c.sql", "INSERT INTO log VALUES (3);\nCREATE TABLE c (id int);\n")
			a.theirs("")
			a.ours("")
			// Each stops midway in a file, and the other one ends it.
			half := "-- atlas:txmode none\n\nINSERT INTO log VALUES (%d);\nCREATE TABLE t%d (id int);\n%s;\nINSERT INTO log VALUES (%d);\n"
			a.write("4_d.sql", fmt.Sprintf(half, 4, 4, "SELECT * FROM nonsense", 40))
			a.ours("nonsense")
			a.write("4_d.sql", fmt.Sprintf(half, 4, 4, "INSERT INTO log VALUES (44)", 40))
			a.theirs("")
			a.write("5_e.sql", fmt.Sprintf(half, 5, 5, "SELECT * FROM nonsense", 50))
			a.theirs("nonsense")
			a.write("5_e.sql", fmt.Sprintf(half, 5, 5, "INSERT INTO log VALUES (55)", 50))
			a.ours("")
			a.write("6_f.sql", "INSERT INTO log VALUES (6);\n")
			a.theirs("")
			a.ours("")
			a.same()
			var n, sum int
			if err := a.db.QueryRow("SELECT count(*), sum(n) FROM log").Scan(&n, &sum); err != nil || n != 10 || sum != 1+2+3+4+40+44+5+50+55+6 {
				t.Errorf("the log has %d rows of %d, %v", n, sum, err)
			}
		})
	}
}

// mendedByAtlas is the file that was mended midway and ended by Atlas, which keeps the hash of what it was.
const mendedByAtlas = "4"

type alternation struct {
	*testing.T
	db      *dbtest.DB
	dir     string
	session dialect.Session
	dialect dialect.Dialect
	drv     amigrate.Driver
	rrw     *theirTable
}

func newAlternation(t *testing.T, name string) *alternation {
	t.Helper()
	a := &alternation{T: t, db: server(t, name), dir: t.TempDir(), dialect: mysql.Dialect{}}
	a.rrw = &theirTable{a.db.DB, dialect.RevisionsTable, true}
	var err error
	raw := a.db.URL
	if a.db.Server.Scheme == "postgres" {
		a.dialect, a.rrw.mysql, raw = postgres.Dialect{}, false, raw+"&search_path=public"
		a.drv, err = apostgres.Open(a.db.DB)
	} else {
		a.drv, err = amysql.Open(a.db.DB)
	}
	if err != nil {
		t.Fatal(err)
	}
	u, err := dburl.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	if a.session, err = a.dialect.Connect(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.session.Close() })
	return a
}

func (a *alternation) write(name, text string) {
	a.Helper()
	if err := os.WriteFile(filepath.Join(a.dir, name), []byte(text), 0o600); err != nil {
		a.Fatal(err)
	}
	if err := open(a.T, a.dir, "").Rehash(); err != nil {
		a.Fatal(err)
	}
}

func (a *alternation) expect(who string, err error, want string) {
	a.Helper()
	switch {
	case want == "" && err != nil:
		a.Fatalf("%s: %v", who, err)
	case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
		a.Fatalf("%s: %v, want %q", who, err, want)
	}
}

func (a *alternation) ours(want string) {
	a.Helper()
	ctx := a.Context()
	h := a.session.(dialect.Historian).History("")
	unlock, err := h.Lock(ctx, "schemactl_apply", time.Minute, func(string) {})
	if err != nil {
		a.Fatal(err)
	}
	defer func() { _ = unlock(context.WithoutCancel(ctx)) }()
	err = h.Ensure(ctx)
	revisions, readErr := h.Read(ctx)
	s, lookErr := revision.Look(open(a.T, a.dir, ""), revisions)
	if err := errors.Join(err, readErr, lookErr); err != nil {
		a.Fatal(err)
	}
	if len(s.Edited) > 0 && s.Edited[0].Version != mendedByAtlas {
		a.Errorf("%s seems to be edited", s.Edited[0].Name)
	}
	w, err := revision.Decide(s, "", revision.Options{})
	if err != nil {
		a.Fatal(err)
	}
	list, err := revision.Prepare(a.dialect, s, w.Files, migrate.TxFile)
	if err != nil {
		a.Fatal(err)
	}
	r := &revision.Run{Dialect: a.dialect, History: h, TxMode: migrate.TxFile, Operator: "schemactl test"}
	a.expect("schemactl", r.Apply(ctx, list), want)
}

func (a *alternation) theirs(want string) {
	a.Helper()
	dir, err := amigrate.NewLocalDir(a.dir)
	if err != nil {
		a.Fatal(err)
	}
	ex, err := amigrate.NewExecutor(a.drv, dir, a.rrw, amigrate.WithOperatorVersion("Atlas CLI v1.3.0"))
	if err != nil {
		a.Fatal(err)
	}
	a.expect("Atlas", ex.ExecuteN(a.Context(), 0), want)
}

// same sees that nothing is pending for either, and that every row has the hash that Atlas computes.
func (a *alternation) same() {
	a.Helper()
	dir, err := amigrate.NewLocalDir(a.dir)
	if err != nil {
		a.Fatal(err)
	}
	ex, err := amigrate.NewExecutor(a.drv, dir, a.rrw)
	if err != nil {
		a.Fatal(err)
	}
	if _, err := ex.Pending(a.Context()); !errors.Is(err, amigrate.ErrNoPendingFiles) {
		a.Errorf("Atlas has work: %v", err)
	}
	sum, err := dir.Checksum()
	if err != nil {
		a.Fatal(err)
	}
	rows, err := a.rrw.ReadRevisions(a.Context())
	if err != nil {
		a.Fatal(err)
	}
	for _, r := range rows {
		files, err := dir.Files()
		if err != nil {
			a.Fatal(err)
		}
		for _, f := range files {
			if h, _ := sum.SumByName(f.Name()); f.Version() == r.Version && h != r.Hash && r.Version != mendedByAtlas {
				a.Errorf("version %s of %s has the hash %s, not %s", r.Version, r.OperatorVersion, r.Hash, h)
			}
		}
		if r.Applied != r.Total || r.Error != "" || r.PartialHashes != nil {
			a.Errorf("%+v is not done", r)
		}
	}
}
