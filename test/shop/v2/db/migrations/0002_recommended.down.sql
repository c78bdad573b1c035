ALTER TABLE products DROP COLUMN recommended;
