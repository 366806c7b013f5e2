-- need mariadb
CREATE TABLE t (a int CHECK (a > 0), b varchar(10) NOT NULL DEFAULT 'x' CHECK (b <> ''));
