package prove_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/schemactl/schemactl/internal/dbtest"
)

// TestRandomMySQL proves plans between random schemas of MySQL and MariaDB. For a long run: go test -run RandomMySQL
// -rapid.checks=2000.
func TestRandomMySQL(t *testing.T) {
	few := fewChecks(t, "12")
	for _, srv := range dbtest.Servers() {
		if srv.Scheme == "postgres" {
			continue
		}
		t.Run(srv.Name, func(t *testing.T) {
			b := newBench(t, srv)
			defer b.report(t)
			if few && srv.Name == "mariadb-11.8" { // two of a kind: fewer on one
				setFlag(t, "rapid.checks", "4")
				defer setFlag(t, "rapid.checks", "12")
			}
			rapid.Check(t, func(t *rapid.T) {
				p := &pair{t: t, slots: map[string][2]int{}}
				from, to := mysqlSchema(p, 0, srv.Scheme == "mariadb"), mysqlSchema(p, 1, srv.Scheme == "mariadb")
				b.check(t, from, to)
			})
		})
	}
}

type mySide struct {
	side
	maria  bool
	tables []*myTable
}

type myTable struct {
	name    string
	columns map[string]string // the types by their names
	order   []string
	key     bool
	parted  bool
}

func mysqlSchema(p *pair, at int, maria bool) string {
	s := &mySide{side: side{pair: p, at: at}, maria: maria}
	s.routines()
	for i := range 4 {
		s.table(i)
	}
	s.references()
	s.views()
	s.triggers()
	return s.text()
}

func (s *mySide) routines() {
	if n := s.pick("function", 4); n > 0 {
		s.add("CREATE FUNCTION twice(n INT) RETURNS INT DETERMINISTIC %s", []string{"RETURN n * 2", "COMMENT 'it''s' RETURN n + n", "SQL SECURITY INVOKER RETURN n * 2"}[n-1])
	}
	if n := s.pick("procedure", 3); n > 0 {
		s.add("CREATE PROCEDURE work(IN a INT%s) SELECT 1", []string{"", ", OUT b TEXT"}[n-1])
	}
	if n := s.pick("event", 4); n > 0 {
		s.add("CREATE EVENT tick ON SCHEDULE EVERY %s", []string{"1 DAY STARTS '2030-01-01' DO SELECT 1", "2 HOUR STARTS '2030-01-01' DISABLE DO SELECT 1", "1 DAY STARTS '2030-01-01' ON COMPLETION PRESERVE COMMENT 'c' DO SELECT 2"}[n-1])
	}
	if s.maria && s.pick("sequence", 3) > 0 {
		s.add("CREATE SEQUENCE counter %s", s.one("sequence options", "", "INCREMENT BY 5 CACHE 20", "START WITH 10 MAXVALUE 999 CYCLE"))
	}
}

// family draws the type of a column in which values of the other types of the family fit.
func (s *mySide) family(slot, family string) string {
	switch family {
	case "number":
		return s.one(slot, "int", "bigint", "smallint", "int unsigned", "decimal(10,2)", "tinyint", "mediumint unsigned", "decimal(12,4) unsigned", "double")
	case "word":
		return s.one(slot, "varchar(20)", "varchar(300)", "char(10)", "varchar(20) CHARACTER SET latin1", "varchar(40) COLLATE utf8mb4_bin", "text", "mediumtext")
	case "moment":
		return s.one(slot, "datetime", "timestamp NULL", "date", "datetime(3)")
	case "label":
		return s.one(slot, "enum('a','b','c')", "enum('a','b')", "enum('c','b','a')", "varchar(9)", "enum('a','b','c','d')")
	case "choice":
		return s.one(slot, "set('a','b')", "set('a','b','c')")
	case "bytes":
		return s.one(slot, "varbinary(20)", "blob", "binary(8)", "longblob")
	}
	words := []string{"json", "point", "time", "year", "bit(4)", "float", "geometry", "time(3)", "linestring", "polygon"}
	if s.maria {
		words = append(words, "uuid", "inet6", "inet4")
	}
	return s.one(slot, words...)
}

func (s *mySide) defaultFor(slot, typ string) string {
	word, _, _ := strings.Cut(typ, "(")
	word, _, _ = strings.Cut(word, " ")
	choices := map[string][]string{
		"int": {"7", "(1 + 2)"}, "bigint": {"7"}, "smallint": {"7"}, "tinyint": {"7"}, "mediumint": {"7"}, "decimal": {"1.50", "0"}, "double": {"1.5"},
		"varchar": {"'d'", "''", "(upper('x'))"}, "char": {"'it''s'"}, "datetime": {"'2024-01-01 00:00:00'"}, "timestamp": {"CURRENT_TIMESTAMP", "CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP"},
		"date": {"'2024-01-01'"}, "enum": {"'b'"}, "set": {"'a,b'"}, "text": {"('t')"}, "json": {"(json_object())"}, "bit": {"b'101'"}, "time": {"'10:00:00'"}, "year": {"2024"},
	}[word]
	if typ == "datetime" {
		choices = append(choices, "CURRENT_TIMESTAMP", "CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP")
	}
	if strings.HasPrefix(typ, "varchar(9)") {
		choices = []string{"'b'"}
	}
	if len(choices) == 0 {
		return ""
	}
	return s.one(slot, choices...)
}

func (s *mySide) table(i int) {
	slot := fmt.Sprintf("t%d", i)
	if s.pick(slot, 5) == 0 {
		return
	}
	t := &myTable{name: slot, columns: map[string]string{}}
	var body, parts []string
	switch s.pick(slot+" id", 5) {
	case 0:
		body, t.key = append(body, "id int NOT NULL PRIMARY KEY"), true
	case 1:
		body, t.key = append(body, "id int NOT NULL AUTO_INCREMENT PRIMARY KEY COMMENT 'key'"), true
	case 2:
		body = append(body, "id int NOT NULL")
	case 3:
		body, t.key = append(body, "id int NOT NULL AUTO_INCREMENT"), true
		parts = append(parts, "PRIMARY KEY (id)")
	case 4:
		body = append(body, "id int NULL UNIQUE")
	}
	families := []string{"number", "word", "moment", "label", "choice", "bytes", "misc"}
	if s.pick(slot+" order", 4) == 3 {
		families = []string{"word", "bytes", "number", "label", "moment", "choice", "misc"}
	}
	for _, f := range families {
		if !s.has(slot + " " + f) {
			continue
		}
		typ := s.family(slot+" type "+f, f)
		name := f
		if f == "misc" {
			word, _, _ := strings.Cut(typ, "(")
			name += "_" + word
		}
		t.columns[f], t.order = typ, append(t.order, name)
		body = append(body, "`"+name+"` "+typ+s.suffix(slot+" "+f, slot+" type "+f, typ))
	}
	body, parts = s.parts(slot, t, body, parts)
	tail := s.one(slot+" tail", "", " COMMENT='it''s'", " ROW_FORMAT=DYNAMIC", " DEFAULT CHARSET=latin1", " COLLATE=utf8mb4_bin", " STATS_PERSISTENT=1")
	s.add("CREATE TABLE %s (%s)%s%s", t.name, strings.Join(append(body, parts...), ", "), tail, s.partitions(slot, t))
	s.tables = append(s.tables, t)
}

func (s *mySide) suffix(slot, typeSlot, typ string) string {
	stays := s.stays(slot) && s.stays(typeSlot) // else NOT NULL fails on the rows that are there
	out := ""
	if s.pick(slot+" not null", 3) == 2 && stays && !strings.HasSuffix(typ, "NULL") {
		out += " NOT NULL"
	}
	if d := s.defaultFor(slot+" default", typ); d != "" && s.has(slot+" has default") {
		out += " DEFAULT " + d
	}
	if s.pick(slot+" invisible", 6) == 5 && (!s.maria || !strings.Contains(out, "NOT NULL") || strings.Contains(out, "DEFAULT")) {
		out += " INVISIBLE"
	}
	return out + s.one(slot+" comment", "", "", " COMMENT 'c'", " COMMENT 'it''s \\\\ here'")
}

// parts adds generated columns, indexes and checks.
func (s *mySide) parts(slot string, t *myTable, body, parts []string) (_, _ []string) {
	number, hasNumber := t.columns["number"]
	word, hasWord := t.columns["word"]
	if hasNumber && strings.HasPrefix(number, "int") {
		switch s.pick(slot+" generated", 3) {
		case 1:
			body = append(body, "g int GENERATED ALWAYS AS (number + 1) STORED")
		case 2:
			body = append(body, "g int GENERATED ALWAYS AS (number + 1) VIRTUAL COMMENT 'v'")
		}
	}
	if hasNumber {
		switch s.pick(slot+" check", 4) {
		case 1:
			parts = append(parts, "CONSTRAINT "+slot+"_positive CHECK (number >= 0)")
		case 2:
			parts = append(parts, "CONSTRAINT "+slot+"_positive CHECK (number >= 0 AND number < 100)")
		case 3:
			parts = append(parts, "CHECK (number IN (1, 2, 3, 4))")
		}
		if n := s.pick(slot+" index number", 4); n > 0 {
			parts = append(parts, []string{"KEY n (number)", "KEY n (number, id)", "KEY n (number DESC) COMMENT 'k'"}[n-1])
		}
	}
	if hasWord {
		long := strings.Contains(word, "text")
		key := "word"
		if long {
			key = "word(10)"
		}
		switch s.pick(slot+" index word", 6) {
		case 1:
			parts = append(parts, "KEY w ("+key+")")
		case 2:
			parts = append(parts, "KEY w (word(5), id)")
		case 3:
			parts = append(parts, "FULLTEXT KEY w (word)")
		case 4:
			parts = append(parts, "UNIQUE KEY w ("+key+")")
		case 5:
			if !s.maria && !long {
				parts = append(parts, "KEY w ((lower(word)))")
			}
		}
	}
	return body, parts
}

func (s *mySide) partitions(slot string, t *myTable) string {
	for _, c := range []string{" id"} {
		if s.pick(slot+c, 5) == 4 {
			return "" // a unique key must hold the columns of the partitioning
		}
	}
	if s.pick(slot+" index word", 6) == 4 || s.pick(slot+" index word", 6) == 3 || t.columns["misc"] == "point" || t.columns["misc"] == "geometry" || t.columns["misc"] == "linestring" || t.columns["misc"] == "polygon" {
		return ""
	}
	n := s.pick(slot+" partitions", 9)
	if n > 0 {
		t.parted = true
	}
	switch n {
	case 1:
		return " PARTITION BY HASH (id) PARTITIONS 3"
	case 2:
		return " PARTITION BY HASH (id) PARTITIONS 5"
	case 3:
		return " PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN MAXVALUE)"
	case 4:
		return " PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (5), PARTITION p1 VALUES LESS THAN (10), PARTITION p2 VALUES LESS THAN MAXVALUE)"
	}
	t.parted = false
	return ""
}

func (s *mySide) references() {
	for _, t := range s.tables {
		typ := t.columns["number"]
		if typ != "int" || t.parted {
			continue
		}
		for _, ref := range s.tables {
			if !ref.key || ref.parted || s.pick("fk "+t.name+" "+ref.name, 3) != 1 {
				continue
			}
			s.add("ALTER TABLE %s ADD CONSTRAINT %s_%s_fk FOREIGN KEY (number) REFERENCES %s (id)%s", t.name, t.name, ref.name, ref.name,
				s.one("fk actions "+t.name+ref.name, "", " ON DELETE CASCADE", " ON UPDATE CASCADE"))
			break
		}
	}
}

func (s *mySide) views() {
	for _, t := range s.tables {
		name := "v" + t.name
		if s.pick(name, 3) == 0 {
			continue
		}
		columns := []string{"id"}
		for _, c := range t.order {
			if s.has(name + " " + c) {
				columns = append(columns, "`"+c+"`")
			}
		}
		s.add("CREATE %sVIEW %s AS SELECT %s FROM %s WHERE id > %d", s.one(name+" how", "", "SQL SECURITY INVOKER ", "ALGORITHM=MERGE "), name,
			strings.Join(columns, ", "), t.name, s.pick(name+" where", 2))
		if s.has(name + " over") {
			s.add("CREATE VIEW %s_over AS SELECT x.*, 1 AS one FROM %s x", name, name)
		}
	}
}

func (s *mySide) triggers() {
	for _, t := range s.tables {
		if n := s.pick("trigger "+t.name, 4); n > 0 {
			s.add("CREATE TRIGGER %s_a BEFORE %s ON %s FOR EACH ROW SET @x = %d", t.name, []string{"INSERT", "UPDATE", "INSERT"}[n-1], t.name, n)
			if s.has("second trigger " + t.name) {
				s.add("CREATE TRIGGER %s_b BEFORE %s ON %s FOR EACH ROW %s %s_a SET @y = 1", t.name, []string{"INSERT", "UPDATE", "INSERT"}[n-1], t.name,
					s.one("trigger order "+t.name, "FOLLOWS", "PRECEDES"), t.name)
			}
		}
	}
}
