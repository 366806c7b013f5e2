CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a + 1) VIRTUAL, c varchar(20) AS (concat(a, 'x')) COMMENT 'c', KEY b (b));
