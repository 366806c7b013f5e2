-- need mariadb
CREATE TABLE t (a text, UNIQUE KEY a (a));
