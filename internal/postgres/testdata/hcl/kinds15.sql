-- need: 15
CREATE TABLE t (id int PRIMARY KEY, a int, "B" int, secret text);
CREATE TABLE parted (id int, at date NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE part_1 PARTITION OF parted FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE SCHEMA more;
CREATE PUBLICATION filtered FOR TABLE t (id, "B") WHERE (id > 5 AND a IS NOT NULL), parted, part_1 (at) WITH (publish = 'insert');
CREATE PUBLICATION by_schema FOR TABLES IN SCHEMA more, public;
