-- A rename keeps the values, which a drop and an add would not. Deploy code that reads both names first.
ALTER TABLE users RENAME COLUMN password TO password_hash;

-- atlas:down
-- ALTER TABLE users RENAME COLUMN password_hash TO password;
