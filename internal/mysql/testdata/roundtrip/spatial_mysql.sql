-- need mysql
-- from
CREATE TABLE g (id int PRIMARY KEY, p point NOT NULL SRID 4326, q point NOT NULL SRID 0, v int, SPATIAL INDEX sp (p), SPATIAL INDEX sq (q));
CREATE TABLE h (id int PRIMARY KEY, p point NOT NULL SRID 4326, SPATIAL INDEX sp (p));
-- to
CREATE TABLE g (id int PRIMARY KEY, p point NOT NULL, q point NOT NULL SRID 4326, v bigint, w geometry SRID 0, SPATIAL INDEX sq (q));
CREATE TABLE h (id int PRIMARY KEY, p point NOT NULL SRID 3857, SPATIAL INDEX sp (p) COMMENT 'new');
