CREATE TABLE a (x int, KEY x (x));
CREATE TABLE b LIKE a;
