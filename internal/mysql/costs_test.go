package mysql

import (
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/dbtest"
	"github.com/schemactl/schemactl/internal/safety"
)

// TestFactsOfStatements reads the examples of the table of facts as a person writes them, and expects of each statement
// what TestFacts holds against the servers.
func TestFactsOfStatements(t *testing.T) {
	for _, server := range []safety.Server{
		{Flavor: "mysql", Version: [3]int{9, 7}}, {Flavor: "mysql", Version: [3]int{8, 0, 27}}, {Flavor: "mariadb", Version: [3]int{10, 11}},
	} {
		for _, e := range examples() {
			if e.trait == hasFunctional && server.Flavor == "mariadb" {
				continue // it has none
			}
			clause := e.clause
			if server.Flavor == "mariadb" && e.mariadb != "" {
				clause = e.mariadb
			}
			want := wayOf(serverOf(safety.NewModel("db", server)), e.change, nil)
			if e.trait != anyTable {
				want = wayOf(serverOf(safety.NewModel("db", server)), e.change, []trait{e.trait})
			}
			if clause == "" || want == "" {
				continue
			}
			if got, expected := factsOf(server, e.table, "ALTER TABLE t "+clause), ways()[rank(want)]; got.Algorithm != expected.algorithm || got.Rewrites != expected.rebuild {
				t.Errorf("%s %v, %s %s: %s\n%s, rebuilds %v; want %s", server.Flavor, server.Version, e.change, e.trait, clause, got.Algorithm, got.Rewrites, want)
			}
		}
	}
}

func factsOf(server safety.Server, setup, sql string) safety.Facts {
	m := Dialect{}.Model(nil, "db", server)
	var facts safety.Facts
	for i, text := range append(strings.Split(setup, "; "), sql) {
		for j, a := range (Dialect{}).Actions(text) {
			a = m.Resolve(a)
			f := Dialect{}.Facts(m, a)
			m.Apply(a)
			if i > strings.Count(setup, "; ") {
				if facts = facts.Join(f); j == 0 {
					facts = f
				}
			}
		}
	}
	return facts
}

// TestFactsOfServers asks the servers: what the facts of a statement say is accepted, and what is better is refused.
func TestFactsOfServers(t *testing.T) {
	const table = "CREATE TABLE t (id int NOT NULL PRIMARY KEY, n int, v varchar(60), w varchar(10), d datetime, e enum('a','b'), KEY k (w)) CHARSET utf8mb4"
	for _, srv := range dbtest.Servers() {
		if srv.Scheme == "postgres" {
			continue
		}
		t.Run(srv.Name, func(t *testing.T) {
			t.Parallel()
			db := srv.Database(t)
			var text string
			if err := db.QueryRow("SELECT @@version").Scan(&text); err != nil {
				t.Fatal(err)
			}
			server := safety.Server{Flavor: srv.Scheme, Version: versionNumbers(text)}
			for _, clause := range []string{
				"MODIFY v varchar(63)", "MODIFY v varchar(64)", "MODIFY v varchar(50)", "MODIFY V VARCHAR(60) NOT NULL", "CHANGE v x varchar(60)",
				"CHANGE `w` `x` varchar(10) AFTER id", "MODIFY n int FIRST", "MODIFY n int AFTER id", "MODIFY COLUMN n integer(9) COMMENT 'x'",
				"MODIFY e enum('a','c','b')", "MODIFY e enum('a','b','c') NOT NULL", "MODIFY w varchar(10) COLLATE utf8mb4_bin",
				"MODIFY v varchar(60) CHARACTER SET latin1", "MODIFY d datetime(6)", "MODIFY d timestamp", "MODIFY id bigint", "MODIFY n int DEFAULT 7",
				"ADD (a int, b int)", "ADD a int, ADD KEY (a)", "ADD a int, DROP KEY k", "DROP n, ADD KEY (v)", "ADD a int, RENAME KEY k TO l", "ADD a int, COMMENT 'x'", "ADD a int, DROP n", "ADD a int, ADD b int FIRST", "ADD a int AFTER id", "ADD COLUMN a int CHECK (a > 0)",
				"ADD UNIQUE (n)", "ADD CONSTRAINT c CHECK (n > 0)", "DROP n", "DROP w", "DROP KEY k, DROP w", "RENAME KEY k TO l", "RENAME COLUMN N TO m",
				"ALTER n SET DEFAULT 3", "DROP PRIMARY KEY, ADD PRIMARY KEY (n, id)", "DROP PRIMARY KEY", "CONVERT TO CHARACTER SET latin1",
				"CONVERT TO CHARACTER SET utf8mb4", "DEFAULT CHARSET latin1", "COMMENT 'x', AUTO_INCREMENT=5", "ENGINE=InnoDB", "FORCE", "ROW_FORMAT=COMPACT",
				"ADD FULLTEXT (v)", "ADD a int AS (n + 1) STORED", "ADD a int GENERATED ALWAYS AS (n + 1)", "ADD a int DEFAULT (1 + 1)",
			} {
				facts := factsOf(server, table, "ALTER TABLE t "+clause)
				code := codeOf(facts)
				if rebuilt, err := tryWay(t, db, example{table: table, clause: clause}, code); err != nil || rebuilt != facts.Rewrites && code != "C" {
					t.Errorf("%s as %s: rebuilt %v, %v", clause, code, rebuilt, err)
				}
				for _, better := range map[string][]string{"N": {"I"}, "S": {"N"}, "Nr": {"I"}, "Sr": {"N"}, "C": {"N", "S"}}[code] {
					if _, err := tryWay(t, db, example{table: table, clause: clause}, better); err == nil {
						t.Errorf("%s: the server does it as %s too, not only as %s", clause, better, code)
					}
				}
			}
		})
	}
}

// codeOf is the code of the way that facts spell out.
func codeOf(f safety.Facts) string {
	for _, w := range ways() {
		if w.algorithm == f.Algorithm && w.rebuild == f.Rewrites && (w.lock == "SHARED") == (f.Strongest() == safety.HoldWrites) {
			return w.code
		}
	}
	return "I"
}

// TestLocksOfParents: MySQL locks the table that a foreign key refers to as the key comes and goes, MariaDB does not.
func TestLocksOfParents(t *testing.T) {
	const tables = "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (id int PRIMARY KEY, p int, CONSTRAINT f FOREIGN KEY (p) REFERENCES p (id))"
	for _, sql := range []string{
		"CREATE TABLE d (id int PRIMARY KEY, p int, FOREIGN KEY (p) REFERENCES p (id))", "DROP TABLE c", "ALTER TABLE c DROP FOREIGN KEY f",
		"ALTER TABLE c ADD FOREIGN KEY (id) REFERENCES p (id)",
	} {
		for flavor, want := range map[string]bool{"mysql": true, "mariadb": false} {
			locked := false
			for _, l := range factsOf(safety.Server{Flavor: flavor, Version: [3]int{10, 11}}, tables, sql).Locks {
				locked = locked || l.Table.Name == "p" && l.Brief
			}
			if locked != want {
				t.Errorf("%s: %s locks p: %v", flavor, sql, locked)
			}
		}
	}
}

// TestLocksOfChildren: MySQL locks the tables whose foreign keys refer to a table for every change of it, so that
// even who only reads them holds it up; MariaDB does not. The servers are asked: while a transaction has read the child, the change waits or does not.
func TestLocksOfChildren(t *testing.T) {
	tables := []string{"CREATE TABLE p (id int PRIMARY KEY, b varchar(10))", "CREATE TABLE c (id int PRIMARY KEY, p int, CONSTRAINT f FOREIGN KEY (p) REFERENCES p (id))"}
	for _, srv := range dbtest.Servers() {
		if srv.Scheme == "postgres" {
			continue
		}
		t.Run(srv.Name, func(t *testing.T) {
			t.Parallel()
			db := srv.Database(t)
			db.SetMaxOpenConns(2)
			for _, sql := range tables {
				if _, err := db.Exec(sql); err != nil {
					t.Fatal(err)
				}
			}
			reader, err := db.Begin()
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = reader.Rollback() }()
			var rows int
			if err := reader.QueryRow("SELECT COUNT(*) FROM c").Scan(&rows); err != nil {
				t.Fatal(err)
			}
			conn, err := db.Conn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			if _, err := conn.ExecContext(t.Context(), "SET lock_wait_timeout = 1, innodb_lock_wait_timeout = 1"); err != nil {
				t.Fatal(err)
			}
			for _, sql := range []string{
				"ALTER TABLE p ADD COLUMN x int", "ALTER TABLE p COMMENT 'a'", "ALTER TABLE p ALTER COLUMN b SET DEFAULT 'x'", "CREATE INDEX b ON p (b)",
				"ALTER TABLE p MODIFY b varchar(20)", "ALTER TABLE p ENGINE = InnoDB", "RENAME TABLE p TO q",
			} {
				foreseen := false
				for _, l := range factsOf(safety.Server{Flavor: srv.Scheme, Version: [3]int{10, 11}}, strings.Join(tables, "; "), sql).Locks {
					foreseen = foreseen || l.Table.Name == "c" && l.Brief
				}
				_, err := conn.ExecContext(t.Context(), sql)
				if waits := err != nil && strings.Contains(err.Error(), "1205"); waits != foreseen || err != nil && !waits {
					t.Errorf("%s: locks the child: %v, foreseen %v (%v)", sql, waits, foreseen, err)
				}
			}
		})
	}
}
