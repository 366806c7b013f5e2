CREATE TABLE t (a bit, b bit(17) DEFAULT b'101', c bit(64));
