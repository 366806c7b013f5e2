CREATE TABLE t (a int, b varchar(20), c int, CONSTRAINT pk PRIMARY KEY (b, a));
