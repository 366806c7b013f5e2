-- need mysql
CREATE TABLE t (a point NOT NULL SRID 4326, b geometry SRID 0, SPATIAL KEY a (a));
