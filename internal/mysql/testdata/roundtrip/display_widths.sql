-- need mariadb
-- from
CREATE TABLE p (id int(10) unsigned PRIMARY KEY, a int(10), b tinyint(2), c bigint(21) unsigned, d smallint(5), e int(11) unsigned, f tinyint(1), g tinyint(1) unsigned);
CREATE TABLE c (a int(11) unsigned, FOREIGN KEY (a) REFERENCES p (id));
-- to
CREATE TABLE p (id int unsigned PRIMARY KEY, a int, b tinyint, c bigint unsigned, d smallint, e int unsigned, f tinyint, g tinyint unsigned);
CREATE TABLE c (a int unsigned, FOREIGN KEY (a) REFERENCES p (id));
