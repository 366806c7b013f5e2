-- from
CREATE TABLE types (
  id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
  flags bit(3) DEFAULT b'101', one bit DEFAULT 1, small tinyint(1) NOT NULL DEFAULT 0, z int(6) zerofill,
  price decimal(10,2) DEFAULT 1.5, ratio double DEFAULT -1.5e10, f float DEFAULT 1e3, y year,
  word varchar(20) NOT NULL DEFAULT 'it''s \\ "x"', blank varchar(5) DEFAULT '', kind enum('a','b''c','d,e') DEFAULT 'b''c',
  marks set('x','y') DEFAULT 'x,y', blk blob, fixed binary(3), bytes varbinary(5) DEFAULT 0x4142,
  zeros binary(4) NOT NULL DEFAULT '', zero varbinary(4) DEFAULT 0x00, nil varbinary(4) DEFAULT '',
  made timestamp(3) NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3), at datetime DEFAULT CURRENT_TIMESTAMP,
  day date DEFAULT '2020-01-01', t time DEFAULT '10:00:00', doc json, place point, note varchar(10) COMMENT 'it''s; a "note"'
) COMMENT='all of ''them''';
CREATE TABLE spaced (`a b` int, `select` varchar(3) DEFAULT 'x', KEY `k ``1` (`a b`));
-- to
CREATE TABLE types (
  id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
  flags bit(4) DEFAULT b'1101', one bit, small tinyint NOT NULL DEFAULT 1, z int unsigned,
  price decimal(12,3) NOT NULL, ratio double, f float DEFAULT 1.5, y year DEFAULT 2020,
  word varchar(40) DEFAULT 'other', blank varchar(5), kind enum('a','b''c','d,e','f') DEFAULT 'a',
  marks set('x','y','z'), blk mediumblob, fixed binary(4), bytes varbinary(6), zeros binary(4) DEFAULT 'a', zero varbinary(4), nil varbinary(4) DEFAULT 0x00,
  made timestamp NULL, at datetime(6) DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  day date, t time(3), doc json, place geometry, note text COMMENT 'changed'
);
CREATE TABLE spaced (`a b` bigint, `select` varchar(3) DEFAULT 'y');
