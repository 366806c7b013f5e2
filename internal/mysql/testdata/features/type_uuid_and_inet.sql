-- need mariadb
CREATE TABLE t (a uuid NOT NULL DEFAULT uuid(), b inet6 DEFAULT '::1', c inet4 DEFAULT '127.0.0.1', PRIMARY KEY (a));
