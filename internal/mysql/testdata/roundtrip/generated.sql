-- from
CREATE TABLE t (a int, b int AS (a + 1) VIRTUAL, c int AS (a + 2) STORED, d int, e int AS (a * 2) STORED, KEY kb (b));
-- to
CREATE TABLE t (a int, b int AS (a + 1) STORED, c int, d int AS (a + 3) VIRTUAL, e int AS (a * 3) STORED, KEY kb (b));
