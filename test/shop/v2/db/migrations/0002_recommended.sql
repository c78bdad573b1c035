SET LOCAL lock_timeout = '2s';

ALTER TABLE products ADD COLUMN recommended boolean NOT NULL DEFAULT false;

UPDATE products SET recommended = true WHERE id IN (1, 4);
