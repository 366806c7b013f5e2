-- need mariadb
CREATE TABLE t (a int, KEY a (a) IGNORED, UNIQUE KEY b (a) NOT IGNORED);
