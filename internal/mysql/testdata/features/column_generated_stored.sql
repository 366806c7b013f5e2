CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a * 2) STORED, c varchar(10) GENERATED ALWAYS AS (upper('x')) STORED, UNIQUE KEY b (b));
