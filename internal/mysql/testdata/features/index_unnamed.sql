CREATE TABLE t (a int, b int, KEY (a), UNIQUE (b), KEY (a, b));
