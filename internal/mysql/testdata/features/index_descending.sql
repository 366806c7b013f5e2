CREATE TABLE t (a int, b int, PRIMARY KEY (a DESC), KEY b (b DESC, a));
