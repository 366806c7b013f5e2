-- from
CREATE TABLE gone (id int PRIMARY KEY, a int, b int AS (a + 1) VIRTUAL, c int AS (b + 1) VIRTUAL, KEY kc (c), CONSTRAINT cc CHECK (c > 0));
CREATE TABLE kept (id int PRIMARY KEY, a int, c int AS (a + 1) VIRTUAL, d int AS (c + 1) VIRTUAL, KEY kc (c), CONSTRAINT ck CHECK (c > 0));
CREATE TABLE other (id int PRIMARY KEY, a int, c int AS (a + 1) STORED, KEY (c));
CREATE TABLE behind (id int PRIMARY KEY, z int);
CREATE TABLE said (id int PRIMARY KEY, a int DEFAULT 3, b int DEFAULT (a + 1), c int AS (b * 2) STORED, d int AS (c + a) VIRTUAL, KEY kd (d), CONSTRAINT db CHECK (d > b));
CREATE TABLE pk (id int, a int NOT NULL, c int AS (a + 1) STORED, UNIQUE KEY u (c));
-- to
CREATE TABLE gone (id int PRIMARY KEY);
CREATE TABLE kept (id int PRIMARY KEY, a int, c int AS (a + 1) STORED, d int AS (c + 1) VIRTUAL, KEY kc (c), CONSTRAINT ck CHECK (c > 0));
CREATE TABLE other (id int PRIMARY KEY, b int, c int AS (b + 1) STORED, KEY (c));
CREATE TABLE behind (id int PRIMARY KEY, c int AS (a + b) STORED, a int, z int, b int NOT NULL DEFAULT 3, d int AS (c * a) VIRTUAL, KEY kd (d));
CREATE TABLE said (id int PRIMARY KEY, b int DEFAULT 5, d int AS (b) VIRTUAL);
CREATE TABLE pk (id int, a bigint NOT NULL, c bigint AS (a + 2) STORED, UNIQUE KEY u (c));
