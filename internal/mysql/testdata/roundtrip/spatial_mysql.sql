-- need mysql
-- from
CREATE TABLE g (id int PRIMARY KEY, p point NOT NULL SRID 4326, q point NOT NULL SRID 0, v int, SPATIAL INDEX sp (p), SPATIAL INDEX sq (q));
CREATE TABLE h (id int PRIMARY KEY, p point NOT NULL SRID 4326, SPATIAL INDEX sp (p));
CREATE TABLE parts (id int PRIMARY KEY, label enum('a','b'), p polygon, q point);
-- to
CREATE TABLE g (id int PRIMARY KEY, p point NOT NULL, q point NOT NULL SRID 4326, v bigint, w geometry SRID 0, SPATIAL INDEX sq (q));
CREATE TABLE h (id int PRIMARY KEY, p point NOT NULL SRID 3857, SPATIAL INDEX sp (p) COMMENT 'new');
CREATE TABLE parts (id int PRIMARY KEY, label varchar(9), j json) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN MAXVALUE);
