CREATE TABLE `select` (`from` int, `where``x` int, `order by` int, KEY `group` (`from`), CONSTRAINT `check` CHECK (`from` > 0));
CREATE VIEW `table` AS SELECT `from`, `where``x` FROM `select`;
