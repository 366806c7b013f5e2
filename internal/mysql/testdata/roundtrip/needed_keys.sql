-- from
CREATE TABLE p (id int PRIMARY KEY, x int, y int, UNIQUE KEY px (x), KEY py (y, x));
CREATE TABLE unnamed (id int PRIMARY KEY, a int, b int, FOREIGN KEY (a) REFERENCES p (id), FOREIGN KEY (b) REFERENCES p (id));
CREATE TABLE swallowed (id int PRIMARY KEY, a int, b int, FOREIGN KEY (a) REFERENCES p (id));
CREATE TABLE left_over (id int PRIMARY KEY, a int, FOREIGN KEY (a) REFERENCES p (id));
ALTER TABLE left_over DROP FOREIGN KEY left_over_ibfk_1;
CREATE TABLE again (a int NOT NULL, k varchar(20) NOT NULL, expires datetime, PRIMARY KEY (a, k), KEY e (expires), CONSTRAINT again_p FOREIGN KEY (a) REFERENCES p (id));
CREATE TABLE itself (id int PRIMARY KEY, up int, FOREIGN KEY (up) REFERENCES itself (id));
CREATE TABLE ref (id int NOT NULL AUTO_INCREMENT, u char(36) NOT NULL, PRIMARY KEY (id), UNIQUE KEY (u));
CREATE TABLE ref_id (a int, FOREIGN KEY (a) REFERENCES ref (id));
CREATE TABLE ref_u (a char(36), FOREIGN KEY (a) REFERENCES ref (u));
CREATE TABLE counts (id int NOT NULL AUTO_INCREMENT, k int NOT NULL, PRIMARY KEY (id, k));
CREATE TABLE renumbers (id int NOT NULL AUTO_INCREMENT, k int NOT NULL, PRIMARY KEY (id));
CREATE TABLE pairs (a int, b int, PRIMARY KEY (a, b), CONSTRAINT pairs_a FOREIGN KEY (a) REFERENCES p (id), CONSTRAINT pairs_b FOREIGN KEY (b) REFERENCES p (id));
-- to
CREATE TABLE p (id int PRIMARY KEY, x int, y int, UNIQUE KEY px (x), KEY py (y, x));
CREATE TABLE unnamed (id int PRIMARY KEY, a int, b int, FOREIGN KEY (a) REFERENCES p (id) ON DELETE CASCADE, FOREIGN KEY (b) REFERENCES p (id));
CREATE TABLE swallowed (id int PRIMARY KEY, a int, b int, KEY a (a), KEY ab (a, b), KEY aid (a, id), FOREIGN KEY (a) REFERENCES p (id));
CREATE TABLE left_over (id int PRIMARY KEY, a int, KEY a (a), CONSTRAINT left_over_p FOREIGN KEY (a) REFERENCES p (id));
CREATE TABLE again (a int NOT NULL, k varchar(20) NOT NULL, created int NOT NULL, PRIMARY KEY (k), KEY ac (a, created), CONSTRAINT again_p FOREIGN KEY (a) REFERENCES p (id));
CREATE TABLE itself (id bigint PRIMARY KEY, up bigint, FOREIGN KEY (up) REFERENCES itself (id));
CREATE TABLE ref (id int NOT NULL AUTO_INCREMENT, u char(36) NOT NULL, PRIMARY KEY (u), UNIQUE KEY i (id));
CREATE TABLE ref_id (a int, FOREIGN KEY (a) REFERENCES ref (id));
CREATE TABLE ref_u (a char(36), FOREIGN KEY (a) REFERENCES ref (u));
CREATE TABLE counts (id int NOT NULL AUTO_INCREMENT COMMENT 'counts', z int NOT NULL, KEY (id, z));
CREATE TABLE renumbers (id bigint unsigned NOT NULL AUTO_INCREMENT, k int NOT NULL, PRIMARY KEY (k), UNIQUE KEY u (id));
CREATE TABLE pairs (a int, c int, PRIMARY KEY (a), CONSTRAINT pairs_a FOREIGN KEY (a) REFERENCES p (id));
