-- need mysql
-- from
CREATE TABLE t (id int PRIMARY KEY, j json, n int, d int, x json AS (json_extract(j, '$.x')) VIRTUAL, y int AS (n + 1) VIRTUAL, KEY k ((id + 1)), KEY l ((id + 2)), KEY d (d));
-- to
CREATE TABLE t (id int PRIMARY KEY, j json, n int, d int, y int AS (n + 1) VIRTUAL, z int AS (n + 2) VIRTUAL, w int AS (n + 3) VIRTUAL, more int NOT NULL DEFAULT 1,
  KEY k ((id + 1)), KEY a (n, (id + 3)), KEY b (d, (id + 4) DESC), KEY c ((CAST(j->'$.q' AS unsigned ARRAY))), KEY n (n));
