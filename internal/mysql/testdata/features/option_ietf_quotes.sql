-- need mariadb
CREATE TABLE t (a int NOT NULL) ENGINE=CSV IETF_QUOTES=yes;
