CREATE TABLE t (a int, b int, KEY a (a), INDEX two (a, b), KEY `odd name` (b));
