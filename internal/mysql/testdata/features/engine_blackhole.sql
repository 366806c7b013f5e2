-- need mysql
CREATE TABLE t (a int) ENGINE=BLACKHOLE;
