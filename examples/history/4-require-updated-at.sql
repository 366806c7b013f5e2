-- From now on no row comes without a value. NOT VALID looks at no row, so that the lock is short.
ALTER TABLE posts ADD CONSTRAINT posts_updated_at_present CHECK (updated_at IS NOT NULL) NOT VALID;
-- Fill what is missing.
UPDATE posts SET updated_at = created_at WHERE updated_at IS NULL;

-- atlas:down
-- ALTER TABLE posts DROP CONSTRAINT posts_updated_at_present;
