CREATE TABLE t (a int, b int, CHECK (a < b), CONSTRAINT named CHECK (a > 0 AND b IN (1, 2, 3)), CONSTRAINT txt CHECK (a <> 5 OR b LIKE '1%'));
