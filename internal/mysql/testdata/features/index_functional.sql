-- need mysql
CREATE TABLE t (a int, b varchar(20), KEY sum ((a + 1)), UNIQUE KEY low ((lower(b)), a), KEY down ((abs(a)) DESC));
