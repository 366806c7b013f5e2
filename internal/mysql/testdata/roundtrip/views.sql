-- from
CREATE TABLE t (id int PRIMARY KEY, s varchar(10), gone int);
CREATE FUNCTION twice(a int) RETURNS int DETERMINISTIC RETURN a * 2;
CREATE VIEW z_base AS SELECT id, s, gone FROM t WHERE s <> 'q `t`.';
CREATE VIEW a_top AS SELECT b.id, twice(b.id) AS d FROM z_base AS b JOIN t ON t.id = b.id;
CREATE SQL SECURITY INVOKER VIEW inv (x, y) AS SELECT id, s FROM t WITH LOCAL CHECK OPTION;
CREATE VIEW dropped AS SELECT 1 AS one;
-- to
CREATE TABLE t (id int PRIMARY KEY, s varchar(10), new int);
CREATE FUNCTION twice(a int) RETURNS int DETERMINISTIC RETURN a + a;
CREATE VIEW z_base AS SELECT id, s, new FROM t WHERE s <> 'r';
CREATE VIEW a_top AS SELECT b.id, b.new, twice(b.id) AS d FROM z_base AS b;
CREATE ALGORITHM=MERGE VIEW inv AS SELECT id, s FROM t WITH CASCADED CHECK OPTION;
CREATE VIEW a_new AS SELECT * FROM a_top;
