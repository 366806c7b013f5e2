-- from
CREATE TABLE t (a int, b int, c int, d int, e int);
CREATE TABLE u (id int PRIMARY KEY, x int, y int, z int);
CREATE TABLE v (a int, b int, c int, d int);
CREATE TABLE block (p varchar(255), n int, u int, a int, e int, f int, g int, h int, i int, b int);
-- to
CREATE TABLE t (c int, d bigint, a int, b varchar(5), n1 int, e int, n2 int, n3 int);
CREATE TABLE u (first int, y int, id bigint NOT NULL PRIMARY KEY, z int, mid int, last int);
CREATE TABLE v (n int, c int, d int, m int, a int, b int);
CREATE TABLE block (e int, f int, g int, h int, n int, u int, a int, p varbinary(383), b int, i int);
