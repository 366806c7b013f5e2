-- need mysql
CREATE TABLE t (id int PRIMARY KEY, j json, KEY z ((CAST(j->'$.zip' AS unsigned array))));
