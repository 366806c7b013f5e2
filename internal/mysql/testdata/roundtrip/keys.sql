-- from
CREATE TABLE parent (id int NOT NULL, code varchar(10) NOT NULL, PRIMARY KEY (id), UNIQUE KEY uq (code));
CREATE TABLE child (
  id int NOT NULL AUTO_INCREMENT, parent_id int, code varchar(10), txt text, n int,
  PRIMARY KEY (id), KEY pref (txt(10)), KEY multi (n, code), UNIQUE KEY un (n), FULLTEXT KEY ft (txt),
  CONSTRAINT fk_p FOREIGN KEY (parent_id) REFERENCES parent (id) ON DELETE CASCADE,
  CONSTRAINT fk_c FOREIGN KEY (code) REFERENCES parent (code) ON DELETE SET NULL ON UPDATE CASCADE);
CREATE TABLE tree (id int PRIMARY KEY, up int, CONSTRAINT fk_self FOREIGN KEY (up) REFERENCES tree (id));
-- to
CREATE TABLE parent (id bigint NOT NULL, code varchar(20) NOT NULL, extra int NOT NULL, PRIMARY KEY (id), UNIQUE KEY uq (code), UNIQUE KEY ux (extra));
CREATE TABLE child (
  id int NOT NULL, parent_id bigint, code varchar(20), txt text, n int, extra int,
  PRIMARY KEY (id, n), KEY pref (txt(20)), KEY multi (code, n) COMMENT 'turned', FULLTEXT KEY ft (txt),
  CONSTRAINT fk_p FOREIGN KEY (parent_id) REFERENCES parent (id) ON DELETE RESTRICT,
  CONSTRAINT fk_c FOREIGN KEY (code) REFERENCES parent (code),
  CONSTRAINT fk_x FOREIGN KEY (extra) REFERENCES parent (extra));
CREATE TABLE tree (id int PRIMARY KEY, up int);
