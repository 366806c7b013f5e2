CREATE TABLE t (a enum('x','it''s','','a,b') NOT NULL DEFAULT 'it''s', b set('p','q','r s') DEFAULT 'p,q', c enum('é','\\'));
