-- +goose Up
CREATE TABLE prices (item TEXT NOT NULL PRIMARY KEY, cents INTEGER NOT NULL);
INSERT INTO prices VALUES ('tea', 250);

-- +goose Down
DROP TABLE prices;
