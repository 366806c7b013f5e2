-- need mariadb
-- from
CREATE SEQUENCE sq START WITH 5 INCREMENT BY 2 MAXVALUE 1000 CYCLE;
CREATE SEQUENCE gone;
CREATE TABLE t (id int PRIMARY KEY DEFAULT nextval(sq), u uuid DEFAULT uuid(), i inet6, j json, k int CHECK (k > 0), KEY x (k) IGNORED, d varchar(10) DEFAULT concat('a', 'b'), c mediumtext COMPRESSED);
CREATE TABLE v (a int, b int WITHOUT SYSTEM VERSIONING) WITH SYSTEM VERSIONING;
CREATE TABLE p (a int, s date, e date, PERIOD FOR per (s, e), PRIMARY KEY (a, per WITHOUT OVERLAPS));
CREATE TABLE plain (a int);
CREATE TABLE pc (a int) PAGE_COMPRESSED=1;
-- to
CREATE SEQUENCE sq START WITH 5 INCREMENT BY 3 NOCACHE;
CREATE TABLE t (id int PRIMARY KEY, u uuid, i inet6, i4 inet4, j longtext, k int CHECK (k > 1), KEY x (k), d varchar(10));
CREATE TABLE v (a int, b bigint);
CREATE TABLE p (a int NOT NULL, s date NOT NULL, e date NOT NULL, PRIMARY KEY (a));
CREATE TABLE plain (a int, rs timestamp(6) GENERATED ALWAYS AS ROW START, re timestamp(6) GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (rs, re)) WITH SYSTEM VERSIONING;
CREATE TABLE pc (a int);
