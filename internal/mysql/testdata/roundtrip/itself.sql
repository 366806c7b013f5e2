-- from
CREATE TABLE widens (id int PRIMARY KEY, up int, CONSTRAINT w FOREIGN KEY (up) REFERENCES widens (id) ON DELETE SET NULL);
CREATE TABLE signs (id int unsigned PRIMARY KEY, up int unsigned, CONSTRAINT s FOREIGN KEY (up) REFERENCES signs (id));
CREATE TABLE counts (id int unsigned PRIMARY KEY, up int unsigned, CONSTRAINT c FOREIGN KEY (up) REFERENCES counts (id) ON DELETE CASCADE);
CREATE TABLE letters (id varchar(10) PRIMARY KEY, up varchar(10), CONSTRAINT l FOREIGN KEY (up) REFERENCES letters (id)) DEFAULT CHARSET=latin1;
CREATE TABLE fits (id int PRIMARY KEY, up bigint);
-- to
CREATE TABLE widens (id bigint PRIMARY KEY, up bigint, CONSTRAINT w FOREIGN KEY (up) REFERENCES widens (id) ON DELETE CASCADE);
CREATE TABLE signs (id int PRIMARY KEY, up int, x int, CONSTRAINT s FOREIGN KEY (up) REFERENCES signs (id));
CREATE TABLE counts (id bigint unsigned AUTO_INCREMENT PRIMARY KEY, up bigint unsigned, CONSTRAINT c FOREIGN KEY (up) REFERENCES counts (id) ON DELETE CASCADE);
CREATE TABLE letters (id varchar(10) PRIMARY KEY, up varchar(10), CONSTRAINT l FOREIGN KEY (up) REFERENCES letters (id)) DEFAULT CHARSET=utf8mb4;
CREATE TABLE fits (id bigint PRIMARY KEY, up bigint, x int, CONSTRAINT f FOREIGN KEY (up) REFERENCES fits (id));
-- rows
INSERT INTO widens VALUES (1, NULL), (2, 1);
INSERT INTO signs VALUES (1, NULL), (2, 1);
INSERT INTO counts VALUES (1, NULL), (2, 1);
INSERT INTO letters VALUES ('é', NULL), ('x', 'é');
INSERT INTO fits VALUES (1, NULL), (2, 1);
