-- need mysql
CREATE TABLE t (id int PRIMARY KEY, a vector(3) NOT NULL, b vector);
