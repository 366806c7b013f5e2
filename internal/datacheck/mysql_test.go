package datacheck_test

import (
	"testing"

	"github.com/schemactl/schemactl/internal/dbtest"
)

func TestMySQLRefusesWhatChecksFind(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, srv dbtest.Server) {
		if srv.Scheme != "postgres" {
			testTransitions(t, srv, mysqlTransitions())
		}
	})
}

// retyped is a column that gets another type.
func retyped(name, from, to, fits, refused string, found int64) transition {
	return transition{
		name: name, from: "CREATE TABLE t (id int PRIMARY KEY, a " + from + ")", to: "CREATE TABLE t (id int PRIMARY KEY, a " + to + ")",
		fits: "INSERT INTO t VALUES " + fits, refused: "INSERT INTO t VALUES " + refused, found: found,
	}
}

func mysqlTransitions() []transition {
	return []transition{
		retyped("not null", "text", "text NOT NULL", "(1, 'x'), (2, '')", "(3, NULL), (4, NULL)", 2),
		{
			name: "not null of a renamed column in a renamed table", from: "CREATE TABLE old (id int PRIMARY KEY, a int)",
			to: "CREATE TABLE anew (id int PRIMARY KEY, b int NOT NULL)", renames: []string{"table:old=anew", "column:old.a=b"},
			fits: "INSERT INTO old VALUES (1, 1)", refused: "INSERT INTO old VALUES (3, NULL)",
		},
		{
			name: "new date without default", from: "CREATE TABLE t (id int PRIMARY KEY)", to: "CREATE TABLE t (id int PRIMARY KEY, d date NOT NULL)",
			fits: "DO 1", refused: "INSERT INTO t VALUES (1)", only: "mysql-9.7",
		},
		{
			name: "new generated column without null", from: "CREATE TABLE t (id int PRIMARY KEY, a int)", to: "CREATE TABLE t (id int PRIMARY KEY, a int, b int AS (a + 1) STORED NOT NULL)",
			fits: "INSERT INTO t VALUES (1, 1)", refused: "INSERT INTO t VALUES (2, NULL)", only: "mysql-9.7",
		},
		{
			name: "primary key", from: "CREATE TABLE t (a int NOT NULL, b int NOT NULL)", to: "CREATE TABLE t (a int NOT NULL, b int NOT NULL, PRIMARY KEY (a, b))",
			fits: "INSERT INTO t VALUES (1, 1), (1, 2)", refused: "INSERT INTO t VALUES (1, 2)",
		},
		{
			name: "unique", from: "CREATE TABLE t (id int PRIMARY KEY, a varchar(20))", to: "CREATE TABLE t (id int PRIMARY KEY, a varchar(20), UNIQUE KEY k (a))",
			fits: "INSERT INTO t VALUES (1, 'x'), (2, NULL), (3, NULL), (4, 'y')", refused: "INSERT INTO t VALUES (5, 'X')",
		},
		{
			name: "unique beginnings", from: "CREATE TABLE t (id int PRIMARY KEY, a text, b varchar(9))", to: "CREATE TABLE t (id int PRIMARY KEY, a text, b varchar(9), UNIQUE KEY k (a(3), b))",
			fits: "INSERT INTO t VALUES (1, 'abcd', 'x'), (2, 'abcd', 'y'), (3, 'abd', 'x'), (4, 'abcd', NULL), (5, 'abcd', NULL)", refused: "INSERT INTO t VALUES (6, 'abce', 'x')",
		},
		{
			name: "unique key of an expression", from: "CREATE TABLE t (id int PRIMARY KEY, a int)", to: "CREATE TABLE t (id int PRIMARY KEY, a int, UNIQUE KEY k ((abs(a))))",
			fits: "INSERT INTO t VALUES (1, 1), (2, 2), (3, NULL), (4, NULL)", refused: "INSERT INTO t VALUES (5, -1)", only: "mysql-9.7",
		},
		{
			name: "unique new column", from: "CREATE TABLE t (id int PRIMARY KEY)", to: "CREATE TABLE t (id int PRIMARY KEY, a int NOT NULL, UNIQUE KEY k (a))",
			fits: "INSERT INTO t VALUES (1)", refused: "INSERT INTO t VALUES (2)",
		},
		{
			name: "unique in another collation", from: "CREATE TABLE t (id int PRIMARY KEY, a varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin UNIQUE)",
			to:   "CREATE TABLE t (id int PRIMARY KEY, a varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci UNIQUE)",
			fits: "INSERT INTO t VALUES (1, 'a'), (2, 'b')", refused: "INSERT INTO t VALUES (3, 'A')",
		},
		{
			name: "unique values become equal", from: "CREATE TABLE t (id int PRIMARY KEY, a decimal(10,2) UNIQUE)", to: "CREATE TABLE t (id int PRIMARY KEY, a int UNIQUE)",
			fits: "INSERT INTO t VALUES (1, 1.2), (2, 2.2)", refused: "INSERT INTO t VALUES (3, 0.9)",
		},
		{
			name: "foreign key", from: "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (id int PRIMARY KEY, p int, KEY p (p))",
			to:   "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (id int PRIMARY KEY, p int, KEY p (p), CONSTRAINT f FOREIGN KEY (p) REFERENCES p (id))",
			fits: "INSERT INTO p VALUES (1); INSERT INTO t VALUES (1, 1), (2, NULL)", refused: "INSERT INTO t VALUES (3, 3), (4, 3)", found: 2,
		},
		{
			name: "foreign key of several columns", from: "CREATE TABLE p (a int, b int, PRIMARY KEY (a, b)); CREATE TABLE t (id int PRIMARY KEY, a int, b int)",
			to:   "CREATE TABLE p (a int, b int, PRIMARY KEY (a, b)); CREATE TABLE t (id int PRIMARY KEY, a int, b int, CONSTRAINT f FOREIGN KEY (a, b) REFERENCES p (a, b))",
			fits: "INSERT INTO p VALUES (1, 1); INSERT INTO t VALUES (1, 1, 1), (2, 1, NULL), (3, NULL, 7)", refused: "INSERT INTO t VALUES (4, 1, 2)",
		},
		{
			name: "foreign key to a new table", from: "CREATE TABLE t (id int PRIMARY KEY, p int)",
			to:   "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (id int PRIMARY KEY, p int, CONSTRAINT f FOREIGN KEY (p) REFERENCES p (id))",
			fits: "INSERT INTO t VALUES (1, NULL)", refused: "INSERT INTO t VALUES (2, 1)",
		},
		{
			name: "check", from: "CREATE TABLE t (id int PRIMARY KEY, a int)", to: "CREATE TABLE t (id int PRIMARY KEY, a int, CONSTRAINT c CHECK (a > 0))",
			fits: "INSERT INTO t VALUES (1, 1), (2, NULL)", refused: "INSERT INTO t VALUES (3, 0)",
		},
		{
			name: "check of a renamed and a new column", from: "CREATE TABLE t (id int PRIMARY KEY, a int)", to: "CREATE TABLE t (id int PRIMARY KEY, b int, n int DEFAULT 5, CONSTRAINT c CHECK (b < n))",
			renames: []string{"column:t.a=b"}, fits: "INSERT INTO t VALUES (1, 1), (2, NULL)", refused: "INSERT INTO t VALUES (3, 5)",
		},
		{
			name: "check enforced", from: "CREATE TABLE t (id int PRIMARY KEY, a int, CONSTRAINT c CHECK (a > 0) NOT ENFORCED)", to: "CREATE TABLE t (id int PRIMARY KEY, a int, CONSTRAINT c CHECK (a > 0))",
			fits: "INSERT INTO t VALUES (1, 1), (2, NULL)", refused: "INSERT INTO t VALUES (3, 0)", only: "mysql-9.7",
		},
		{
			name: "check of a column of another type", from: "CREATE TABLE t (id int PRIMARY KEY, a int)", to: "CREATE TABLE t (id int PRIMARY KEY, a bigint CHECK (a > 0))",
			fits: "INSERT INTO t VALUES (1, 1), (2, NULL)", refused: "INSERT INTO t VALUES (3, 0)",
		},
		retyped("smaller integer", "bigint", "tinyint", "(1, 127), (2, -128), (3, NULL)", "(4, 128), (5, -129)", 2),
		retyped("unsigned", "int", "int unsigned", "(1, 0), (2, 2147483647)", "(3, -1)", 1),
		retyped("signed", "bigint unsigned", "bigint", "(1, 9223372036854775807)", "(2, 9223372036854775808)", 1),
		retyped("decimal becomes integer", "decimal(12,2)", "int", "(1, 2147483647.4), (2, -2147483648.4)", "(3, 2147483647.5)", 1),
		retyped("double becomes integer", "double", "smallint", "(1, 32767.4)", "(2, 32768)", 1),
		retyped("smaller decimal", "decimal(10,2)", "decimal(4,1)", "(1, 999.94), (2, -999.9)", "(3, 999.95)", 1),
		retyped("unsigned decimal", "decimal(10,2)", "decimal(10,2) unsigned", "(1, 0)", "(3, -0.5)", 1),
		retyped("double becomes float", "double", "float", "(1, 1.5)", "(2, 1e300)", 1),
		retyped("text becomes integer", "varchar(30)", "int", "(1, '12'), (2, NULL), (3, '-7'), (4, '12 ')", "(5, '12x'), (6, ''), (7, '3000000000')", 3),
		retyped("text becomes decimal", "varchar(30)", "decimal(5,2)", "(1, '12.5')", "(5, 'x'), (6, '1000')", 2),
		retyped("shorter varchar", "varchar(10)", "varchar(3)", "(1, 'abc'), (2, 'äöü')", "(3, 'abcd')", 1),
		retyped("shorter varchar with blanks", "varchar(10)", "varchar(3)", "(1, 'abc')", "(3, 'abc ')", 1),
		retyped("shorter char", "char(10)", "char(3)", "(1, 'abc'), (2, 'a b'), (3, 'ab ')", "(4, 'abcd')", 1),
		retyped("varchar becomes char", "varchar(10)", "char(3)", "(1, 'abc'), (2, 'ab   ')", "(4, 'abcd')", 1),
		retyped("text becomes varchar", "text", "varchar(3)", "(1, 'abc')", "(4, 'abcd')", 1),
		retyped("smaller text", "text", "tinytext", "(1, repeat('x', 255))", "(2, repeat('x', 256)), (3, repeat('ä', 128))", 2),
		retyped("shorter bytes", "varbinary(10)", "varbinary(3)", "(1, 'abc')", "(3, 'abcd')", 1),
		retyped("number becomes varchar", "int", "varchar(3)", "(1, 999)", "(4, -999)", 1),
		retyped("other character set", "varchar(10) CHARACTER SET utf8mb4", "varchar(10) CHARACTER SET latin1", "(1, 'äöü'), (2, NULL)", "(3, 'ł')", 1),
		retyped("bytes become text", "varbinary(10)", "varchar(10) CHARACTER SET utf8mb4", "(1, 'ä')", "(3, 0xff)", 1),
		retyped("enum value removed", "enum('a','b','c')", "enum('a','b')", "(1, 'a'), (2, NULL)", "(3, 'c')", 1),
		retyped("set value removed", "set('a','b','c')", "set('a','b')", "(1, 'a,b'), (2, ''), (3, NULL)", "(4, 'a,c')", 1),
		retyped("text becomes an enum", "varchar(9)", "enum('a','b')", "(1, 'a'), (2, 'B'), (3, NULL)", "(4, 'c'), (5, '')", 2),
		retyped("text becomes a set", "varchar(9)", "set('a','b')", "(1, 'a'), (2, 'a,b'), (3, NULL), (4, '')", "(5, 'a,c')", 1),
		retyped("text becomes a date", "varchar(30)", "date", "(1, '2024-02-29'), (2, NULL)", "(3, '2023-02-29'), (4, 'x')", 2),
		retyped("datetime becomes a timestamp", "datetime", "timestamp NULL", "(1, '2024-02-29 10:00:00'), (2, NULL)", "(3, '1960-01-01 00:00:00'), (4, '2110-01-01 00:00:00')", 2),
		retyped("bits", "bit(8)", "bit(4)", "(1, b'1111')", "(2, b'10000')", 1),
		{
			name: "text becomes json", from: "CREATE TABLE t (id int PRIMARY KEY, a text)", to: "CREATE TABLE t (id int PRIMARY KEY, a json)",
			fits: "INSERT INTO t VALUES (1, '{}'), (2, NULL)", refused: "INSERT INTO t VALUES (3, '{')",
		},
		{
			name: "shape", from: "CREATE TABLE t (id int PRIMARY KEY, a geometry)", to: "CREATE TABLE t (id int PRIMARY KEY, a point)",
			fits: "INSERT INTO t VALUES (1, ST_GeomFromText('POINT(1 1)'))", refused: "INSERT INTO t VALUES (3, ST_GeomFromText('LINESTRING(1 1, 2 2)'))",
		},
		{
			name: "reference system", from: "CREATE TABLE t (id int PRIMARY KEY, a point)", to: "CREATE TABLE t (id int PRIMARY KEY, a point SRID 4326)",
			fits: "INSERT INTO t VALUES (1, ST_GeomFromText('POINT(1 1)', 4326))", refused: "INSERT INTO t VALUES (3, ST_GeomFromText('POINT(1 1)'))", only: "mysql-9.7",
		},
		{
			name: "partitions by range", from: "CREATE TABLE t (id int PRIMARY KEY)",
			to:   "CREATE TABLE t (id int PRIMARY KEY) PARTITION BY RANGE (id) (PARTITION a VALUES LESS THAN (10), PARTITION b VALUES LESS THAN (20))",
			fits: "INSERT INTO t VALUES (-5), (19)", refused: "INSERT INTO t VALUES (20)",
		},
		{
			name: "partitions by range of columns", from: "CREATE TABLE t (a int, b int)",
			to:   "CREATE TABLE t (a int, b int) PARTITION BY RANGE COLUMNS (a, b) (PARTITION x VALUES LESS THAN (10, 5))",
			fits: "INSERT INTO t VALUES (10, 4), (9, 99), (NULL, NULL)", refused: "INSERT INTO t VALUES (10, 5)",
		},
		{
			name: "partitions by list", from: "CREATE TABLE t (a int)", to: "CREATE TABLE t (a int) PARTITION BY LIST (a) (PARTITION x VALUES IN (1, 2), PARTITION y VALUES IN (3))",
			fits: "INSERT INTO t VALUES (1), (3)", refused: "INSERT INTO t VALUES (4), (NULL)", found: 2,
		},
	}
}
