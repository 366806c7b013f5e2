-- need mariadb
CREATE TABLE t (a text COMPRESSED, b blob COMPRESSED);
