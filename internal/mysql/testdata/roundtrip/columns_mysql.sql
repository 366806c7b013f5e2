-- need mysql
-- from
CREATE TABLE t (id int PRIMARY KEY, u varchar(40) DEFAULT (uuid()), j json DEFAULT (json_array('a', "b")), h int INVISIBLE, p point NOT NULL SRID 4326,
  v int AS (id + 1) VIRTUAL, s varchar(50) AS (concat(u, 'x')) STORED NOT NULL COMMENT 'kept', b blob DEFAULT ('x'),
  c varchar(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci,
  KEY fx ((lower(u))), KEY inv (u) INVISIBLE, KEY multi ((CAST(j AS unsigned ARRAY))), KEY d (id DESC, u(3)), SPATIAL KEY sp (p)) DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_0900_ai_ci;
-- to
CREATE TABLE t (id int PRIMARY KEY, u varchar(40) DEFAULT (upper(uuid())), j json, h int, p point NOT NULL SRID 0,
  v int AS (id + 2) VIRTUAL INVISIBLE, s varchar(50) AS (concat(u, 'y')) STORED, b blob, w int AS (v * 2) STORED,
  c varchar(10) COLLATE utf8mb4_bin,
  KEY fx ((upper(u))), KEY inv (u), KEY d (id, u(5)) COMMENT 'less') DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_0900_ai_ci;
