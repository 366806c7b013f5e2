CREATE TABLE t (a int DEFAULT (1 + 2), b varchar(40) DEFAULT (uuid()), c json DEFAULT (json_array()), d date DEFAULT (curdate()), e text DEFAULT ('x'), f int DEFAULT (length('a;b')));
