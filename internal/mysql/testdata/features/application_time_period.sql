-- need mariadb
CREATE TABLE t (a int, s date, e date, PERIOD FOR valid (s, e));
CREATE TABLE u (a int, s datetime(6), e datetime(6), PERIOD FOR p (s, e), UNIQUE KEY k (a, p WITHOUT OVERLAPS));
