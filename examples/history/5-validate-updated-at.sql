-- Look at every row under a lock that stops neither reads nor writes: in a transaction of its own.
ALTER TABLE posts VALIDATE CONSTRAINT posts_updated_at_present;
