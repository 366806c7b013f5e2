package cli

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/schemactl/schemactl/internal/dbtest"
)

const phasedRows = 100_000

// TestPhasedUnderLoad kills the backfill midway and lets the next apply go on, while programs of both releases write under
// the old and the new name. In the end no write is lost, and nobody has waited long.
func TestPhasedUnderLoad(t *testing.T) {
	p := newPhased(t, serverNamed(t, "postgres-18"), `CREATE TABLE t (id int PRIMARY KEY, mail text NOT NULL, n int NOT NULL, other text);
CREATE TABLE written (k serial PRIMARY KEY, id int NOT NULL, mail text NOT NULL)`)
	p.sql(fmt.Sprintf(`INSERT INTO t SELECT g, 'm' || g, abs(g), repeat('x', 200) FROM generate_series(1, %d) g`, phasedRows))
	p.diff(`CREATE TABLE t (id bigint PRIMARY KEY,
  -- schemactl:renamed_from mail
  email text NOT NULL, n bigint NOT NULL, other text);
CREATE TABLE written (k serial PRIMARY KEY, id int NOT NULL, mail text NOT NULL)`)
	p.schemactl("migrate", "apply", "--url", p.live.URL, "--to-version", p.version("_expand"))

	stop := p.write([]string{"mail"})
	killed, _ := schemactlCmd(t, "migrate", "apply", "--url", p.live.URL, "--dir", "file://"+p.dir)
	if err := killed.Start(); err != nil {
		t.Fatal(err)
	}
	p.until("SELECT count(*) > 1000 FROM t WHERE email IS NOT NULL")
	if err := killed.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = killed.Wait()
	if !p.holds("SELECT count(*) > 1000 FROM t WHERE email IS NULL") {
		t.Fatal("the backfill was done before it was killed")
	}
	start := time.Now()
	p.schemactl("migrate", "apply", "--url", p.live.URL)
	filled := time.Since(start)
	if !p.holds("SELECT count(*) = 0 FROM t WHERE email IS DISTINCT FROM mail OR n_new IS DISTINCT FROM n OR id_new <> id") {
		t.Error("old and new columns do not say the same")
	}
	first, longest := stop()

	stop = p.write([]string{"mail", "email"})
	time.Sleep(500 * time.Millisecond)
	second, slow := stop()
	stop = p.write([]string{"email"})
	start = time.Now()
	p.schemactl("migrate", "apply", "--url", p.live.URL, "--held", "--retries", "20")
	switched := time.Since(start)
	third, slowest := stop()
	longest = max(longest, slow, slowest)
	t.Logf("%d rows filled in %s and switched in %s; %d, %d and %d writes meanwhile, of which the longest took %s", phasedRows, filled, switched, first, second, third, longest)
	if first == 0 || second == 0 || third == 0 {
		t.Error("nobody wrote")
	}
	if longest > 2*time.Second {
		t.Errorf("somebody waited %s", longest)
	}
	if !p.holds(`SELECT count(*) = 0 FROM (SELECT DISTINCT ON (id) id, mail FROM written ORDER BY id, k DESC) w JOIN t USING (id) WHERE t.email <> w.mail`) {
		t.Error("a write is lost")
	}
	if !p.holds(fmt.Sprintf("SELECT count(*) = %d AND sum(n) = sum(id) FROM t", phasedRows)) {
		t.Error("rows are lost, or changed")
	}
}

func serverNamed(t *testing.T, name string) dbtest.Server {
	t.Helper()
	for _, srv := range dbtest.Servers() {
		if srv.Name == name {
			return srv
		}
	}
	t.Fatalf("no %s in the test matrix", name)
	return dbtest.Server{}
}

// write lets clients write under some names of the column, and keep a record of what they wrote, until the function that it
// returns is called: it tells how many writes there were, and how long the longest took.
func (p *phased) write(columns []string) func() (int, time.Duration) {
	ctx, cancel := context.WithCancel(p.t.Context())
	var mu sync.Mutex
	var wg sync.WaitGroup
	var longest time.Duration
	var fault error
	writes := 0
	for client := range 4 {
		wg.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				id := 1 + 4*rand.N(phasedRows/4) + client // no two clients write one row
				start := time.Now()
				err := p.mail(context.WithoutCancel(ctx), p.live.DB, columns[i%len(columns)], id, fmt.Sprintf("w%d-%d", client, time.Now().UnixNano()))
				took := time.Since(start)
				mu.Lock()
				longest, writes, fault = max(longest, took), writes+1, errors.Join(fault, err)
				mu.Unlock()
				time.Sleep(time.Millisecond)
			}
		})
	}
	return func() (int, time.Duration) {
		p.t.Helper()
		cancel()
		wg.Wait()
		if fault != nil {
			p.t.Fatalf("a write failed: %v", fault)
		}
		return writes, longest
	}
}

func writeMail(ctx context.Context, db *sql.DB, column string, id int, mail string) error {
	_, err := db.ExecContext(ctx, fmt.Sprintf(`WITH w AS (UPDATE t SET %s = $2 WHERE id = $1 RETURNING id)
INSERT INTO written (id, mail) SELECT id, $2 FROM w`, column), id, mail)
	return err
}

// version is that of the file whose name holds the text.
func (p *phased) version(text string) string {
	p.t.Helper()
	for _, name := range p.files() {
		base := name[strings.LastIndexByte(name, '/')+1:]
		if version, rest, _ := strings.Cut(base, "_"); strings.Contains("_"+rest, text) {
			return version
		}
	}
	p.t.Fatalf("no file %s", text)
	return ""
}

func (p *phased) holds(query string) bool {
	p.t.Helper()
	var ok bool
	if err := p.live.QueryRowContext(p.t.Context(), query).Scan(&ok); err != nil {
		p.t.Fatalf("%v\nof: %s", err, query)
	}
	return ok
}

func (p *phased) until(query string) {
	p.t.Helper()
	for start := time.Now(); !p.holds(query); time.Sleep(10 * time.Millisecond) {
		if time.Since(start) > time.Minute {
			p.t.Fatalf("never true: %s", query)
		}
	}
}
