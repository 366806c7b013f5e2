-- need mariadb
CREATE TABLE t (a int, s date, e date, PERIOD FOR valid (s, e), PRIMARY KEY (a, valid WITHOUT OVERLAPS)) WITH SYSTEM VERSIONING;
