package review_test

import (
	"slices"
	"testing"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/lint"
	"github.com/schemactl/schemactl/internal/mysql"
	"github.com/schemactl/schemactl/internal/postgres"
	"github.com/schemactl/schemactl/internal/safety"
)

// setup is what the examples of the rules work on.
const setup = `CREATE TABLE users (id bigint PRIMARY KEY, name varchar(100), email text, age int, a int, b int, owner text, deleted_at timestamptz, total_id int);
CREATE TABLE posts (id bigint PRIMARY KEY, user_id bigint, user_name text, CONSTRAINT author FOREIGN KEY (user_id) REFERENCES users (id));
ALTER TABLE users ADD CONSTRAINT users_email_key UNIQUE (email);
CREATE INDEX users_name ON users (name);
CREATE INDEX users_name_email ON users (name, email);
CREATE TABLE t (id bigint PRIMARY KEY, a int, CONSTRAINT c CHECK (a > 0));
CREATE TABLE a (id bigint PRIMARY KEY);
CREATE TABLE b (id bigint PRIMARY KEY, y int);
CREATE TABLE log (id bigint, at date) PARTITION BY RANGE (at);
CREATE TABLE log_2020 PARTITION OF log FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE log_2024 (id bigint, at date);
CREATE TYPE mood AS ENUM ('sad');
CREATE TABLE people (id bigint PRIMARY KEY, mood mood);
CREATE DOMAIN us_zip AS text CHECK (VALUE ~ '^\d{5}$');
CREATE SCHEMA old;
CREATE VIEW active_users AS SELECT id FROM users;
CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END';
CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER audit BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION audit();
CREATE MATERIALIZED VIEW totals AS SELECT count(*) AS n FROM users;
CREATE ROLE app;`

const mysqlSetup = `CREATE TABLE users (id bigint PRIMARY KEY, name varchar(100), email varchar(100), age int, a int, b int, owner text, total_id int,
  state enum('new','used'), CONSTRAINT adult CHECK (age > 0), UNIQUE KEY users_email_key (email)) DEFAULT CHARSET utf8mb4;
CREATE TABLE posts (id bigint PRIMARY KEY, user_id bigint, user_name varchar(100), KEY user_id (user_id), CONSTRAINT author FOREIGN KEY (user_id) REFERENCES users (id));
CREATE INDEX users_name_email ON users (name, email);
CREATE TABLE t (id bigint PRIMARY KEY, a int, CONSTRAINT c CHECK (a > 0));
CREATE TABLE a (id bigint PRIMARY KEY);
CREATE TABLE b (id bigint PRIMARY KEY, y int);
CREATE TABLE texts (id bigint PRIMARY KEY, body text, FULLTEXT KEY body (body));
CREATE TABLE log (at date) PARTITION BY RANGE (year(at)) (PARTITION log_2020 VALUES LESS THAN (2021));
CREATE VIEW active_users AS SELECT id FROM users;
CREATE PROCEDURE tidy() DELETE FROM log;
CREATE TRIGGER audit BEFORE UPDATE ON users FOR EACH ROW SET NEW.a = 1;`

// TestExamples holds the examples on the pages of the rules against the rules.
func TestExamples(t *testing.T) {
	for _, d := range []struct {
		dialect.Dialect
		setup   string
		servers []safety.Server
	}{
		{postgres.Dialect{}, setup, []safety.Server{{Flavor: "postgres", Version: [3]int{18}}}},
		{mysql.Dialect{}, mysqlSetup, []safety.Server{{Flavor: "mysql", Version: [3]int{9, 7}}, {Flavor: "mysql", Version: [3]int{8, 0, 36}}, {Flavor: "mariadb", Version: [3]int{10, 11}}}},
	} {
		for _, r := range lint.Rules() {
			if r.Class == "non_linear" { // of files, not of statements: test/script/lint/policy.txtar
				continue
			}
			if len(r.Dialects) > 0 && !slices.Contains(r.Dialects, d.Name()) || d.Name() == "postgres" && mysqlExamples[r.ID] {
				continue
			}
			for _, server := range d.servers {
				if server.Flavor == "mariadb" && notMariaDB[r.ID] {
					continue
				}
				e := r.Examples(d.Name())
				t.Run(server.Flavor+"/"+r.ID, func(t *testing.T) {
					if !raises(t, d.Dialect, server, d.setup, e.Bad, r.ID) {
						t.Errorf("%v: not raised by %s", server.Version, e.Bad)
					}
					if e.Good != "" && raises(t, d.Dialect, server, d.setup, e.Good, r.ID) {
						t.Errorf("%v: raised by %s", server.Version, e.Good)
					}
				})
			}
		}
	}
}

// mysqlExamples are rules of both dialects whose examples are MySQL's.
var mysqlExamples = map[string]bool{"drop-enum-value": true}

// notMariaDB are rules of what MariaDB does as one would think.
var notMariaDB = map[string]bool{"inline-references-ignored": true, "fk-parent-not-unique": true}

func raises(t *testing.T, d dialect.Dialect, server safety.Server, setup, sql, rule string) bool {
	t.Helper()
	ex := d.(dialect.Examiner)
	m := ex.Model(nil, "", server)
	m.Whole = true
	lint.Examine(ex, m, &lint.Unit{Dialect: d.Name()}, pieces(t, d, setup))
	if rule == "invalid-index-left" {
		users := m.Table(safety.Name{Name: "users"}).Clone()
		users.Indexes[0].Invalid, users.Index("users_name").Invalid = true, true
		m.Put(users)
	}
	if rule == "type-dependents-block" {
		users := m.Table(safety.Name{Name: "users"}).Clone()
		users.Column("name").UsedBy = []string{"view public.v"}
		m.Put(users)
	}
	u := &lint.Unit{Name: "x", Dialect: d.Name(), Tx: d.Name() == "postgres"}
	lint.Examine(ex, m, u, pieces(t, d, sql))
	report, err := lint.Check(t.Context(), u, lint.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(report.Findings, func(f lint.Finding) bool { return f.Rule == rule })
}

func pieces(t *testing.T, d dialect.Dialect, sql string) []lint.Source {
	t.Helper()
	statements, err := d.Split([]byte(sql), "x.sql")
	if err != nil {
		t.Fatal(err)
	}
	var out []lint.Source
	for _, s := range statements {
		out = append(out, lint.Source{SQL: s.SQL, Pos: s.Pos, Comments: s.Comments})
	}
	return out
}
