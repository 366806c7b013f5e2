-- gap it stands only in SHOW CREATE TABLE, and only MyISAM heeds it
CREATE TABLE t (a int, KEY a (a) KEY_BLOCK_SIZE=1024) ENGINE=MyISAM;
