-- need mysql
CREATE TABLE t (a int CHECK (a > 0), b int CONSTRAINT named CHECK (b < 10));
