-- PostgreSQL sees by the constraint that no row is without a value, and does not look again.
ALTER TABLE posts ALTER COLUMN updated_at SET NOT NULL;
ALTER TABLE posts DROP CONSTRAINT posts_updated_at_present;

-- atlas:down
-- ALTER TABLE posts ALTER COLUMN updated_at DROP NOT NULL;
