-- need mysql
CREATE TABLE t (a int, KEY a (a) INVISIBLE, KEY b (a) VISIBLE);
