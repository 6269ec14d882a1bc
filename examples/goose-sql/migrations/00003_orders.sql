-- +goose Up
CREATE TABLE orders (id INTEGER PRIMARY KEY, item TEXT NOT NULL REFERENCES prices (item) ON DELETE RESTRICT);
INSERT INTO orders (item) VALUES ('tea');

-- +goose Down
DROP TABLE orders;
