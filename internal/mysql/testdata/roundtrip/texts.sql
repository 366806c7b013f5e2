-- from
CREATE TABLE several (id int PRIMARY KEY, a text, b text, c int);
CREATE TABLE copied (id int PRIMARY KEY, a text, b text, c int);
CREATE TABLE counted (id int PRIMARY KEY, a text, b text, c int);
CREATE TABLE remade (id int PRIMARY KEY, a text, b text, FULLTEXT KEY x (a), FULLTEXT KEY y (b));
CREATE TABLE isam (id int PRIMARY KEY, a text, b text) ENGINE=MyISAM;
CREATE TABLE docs (FTS_DOC_ID bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, a text);
-- to
CREATE TABLE several (id int PRIMARY KEY, a text, b text, c int, FULLTEXT KEY x (a), FULLTEXT KEY y (b), FULLTEXT KEY z (a, b));
CREATE TABLE copied (id int PRIMARY KEY, a text, b text, c varchar(9), FULLTEXT KEY x (a), FULLTEXT KEY y (b));
CREATE TABLE counted (id int PRIMARY KEY AUTO_INCREMENT, a text, b text, c int, d text, FULLTEXT KEY x (a), FULLTEXT KEY y (d), KEY c (c));
CREATE TABLE remade (id int PRIMARY KEY, a text, b text, d text, FULLTEXT KEY x (b), FULLTEXT KEY y (a, d), KEY id2 (id));
CREATE TABLE isam (id int PRIMARY KEY, a text, b text, FULLTEXT KEY x (a), FULLTEXT KEY y (b)) ENGINE=MyISAM;
CREATE TABLE docs (FTS_DOC_ID bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, a text, b text, FULLTEXT KEY fa (a), FULLTEXT KEY fb (b));
-- rows
INSERT INTO several VALUES (1, 'a', 'b', 2);
INSERT INTO copied VALUES (1, 'a', 'b', 2);
INSERT INTO counted VALUES (1, 'a', 'b', 2);
INSERT INTO remade VALUES (1, 'a', 'b');
INSERT INTO isam VALUES (1, 'a', 'b');
