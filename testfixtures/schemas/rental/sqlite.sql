-- A shop that rents out tools, in several branches.
CREATE TABLE region (
  code TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  part_of TEXT REFERENCES region (code)
) WITHOUT ROWID;

CREATE TABLE branch (
  branch_id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  region TEXT NOT NULL REFERENCES region (code) ON UPDATE CASCADE,
  manager INTEGER UNIQUE REFERENCES staff (staff_id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE staff (
  staff_id INTEGER PRIMARY KEY,
  email TEXT NOT NULL UNIQUE COLLATE NOCASE,
  full_name TEXT NOT NULL,
  branch_id INTEGER NOT NULL REFERENCES branch (branch_id),
  boss INTEGER REFERENCES staff (staff_id) ON DELETE SET NULL,
  active BOOLEAN NOT NULL DEFAULT TRUE,
  photo BLOB DEFAULT X'00FF'
);

CREATE TABLE opening_hours (
  branch_id INTEGER NOT NULL REFERENCES branch (branch_id) ON DELETE CASCADE,
  weekday INTEGER NOT NULL CHECK (weekday BETWEEN 1 AND 7),
  opens TEXT NOT NULL,
  closes TEXT NOT NULL,
  PRIMARY KEY (branch_id, weekday),
  CHECK (opens < closes)
);

CREATE TABLE customer (
  customer_id INTEGER PRIMARY KEY AUTOINCREMENT,
  email TEXT UNIQUE,
  full_name TEXT NOT NULL,
  home_branch INTEGER REFERENCES branch (branch_id) ON DELETE SET NULL,
  recommended_by INTEGER REFERENCES customer (customer_id),
  joined TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
  interests TEXT NOT NULL DEFAULT ''
);

CREATE TABLE category (
  category_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  parent INTEGER REFERENCES category (category_id) ON DELETE CASCADE
);

CREATE TABLE article (
  article_id INTEGER PRIMARY KEY AUTOINCREMENT,
  sku TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  price_per_day DECIMAL(10,2) NOT NULL CHECK (price_per_day >= 0),
  deposit DECIMAL(10,2) NOT NULL DEFAULT 0,
  specs JSON CHECK (specs IS NULL OR json_valid(specs)),
  words TEXT GENERATED ALWAYS AS (lower(name)) STORED,
  updated_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CHECK (deposit = 0 OR deposit >= price_per_day)
);
CREATE INDEX article_words ON article (words);

CREATE TABLE article_category (
  article_id INTEGER NOT NULL REFERENCES article (article_id) ON DELETE CASCADE,
  category_id INTEGER NOT NULL REFERENCES category (category_id) ON DELETE CASCADE,
  PRIMARY KEY (article_id, category_id)
) WITHOUT ROWID;

CREATE TABLE item (
  serial_no TEXT NOT NULL PRIMARY KEY,
  article_id INTEGER NOT NULL REFERENCES article (article_id) ON DELETE RESTRICT,
  branch_id INTEGER NOT NULL REFERENCES branch (branch_id),
  state TEXT NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'good', 'worn', 'broken')),
  bought DATE NOT NULL
);

CREATE TABLE rental (
  rental_id INTEGER PRIMARY KEY AUTOINCREMENT,
  serial_no TEXT NOT NULL REFERENCES item (serial_no) ON UPDATE CASCADE,
  customer_id INTEGER NOT NULL REFERENCES customer (customer_id),
  handed_out_by INTEGER REFERENCES staff (staff_id) ON DELETE SET NULL,
  from_day DATE NOT NULL,
  to_day DATE NOT NULL,
  days INTEGER GENERATED ALWAYS AS (julianday(to_day) - julianday(from_day)) VIRTUAL,
  returned TEXT,
  UNIQUE (serial_no, from_day)
);

CREATE TABLE payment (
  payment_id INTEGER PRIMARY KEY,
  rental_id INTEGER NOT NULL REFERENCES rental (rental_id) ON DELETE CASCADE,
  amount DECIMAL(10,2) NOT NULL,
  paid_on DATE NOT NULL,
  reverses INTEGER UNIQUE REFERENCES payment (payment_id)
);

CREATE TABLE price_history (
  entry_id INTEGER PRIMARY KEY,
  article_id INTEGER NOT NULL REFERENCES article (article_id) ON DELETE CASCADE,
  price DECIMAL(10,2) NOT NULL,
  since TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);

-- It has no key.
CREATE TABLE shop_event (
  at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
  what TEXT NOT NULL
);

CREATE VIEW open_rental AS
  SELECT r.rental_id, c.full_name, a.name AS article, r.to_day
  FROM rental r JOIN customer c USING (customer_id) JOIN item i USING (serial_no) JOIN article a USING (article_id)
  WHERE r.returned IS NULL;

CREATE TRIGGER article_price AFTER UPDATE OF price_per_day ON article WHEN OLD.price_per_day <> NEW.price_per_day
BEGIN
  INSERT INTO price_history (article_id, price) VALUES (NEW.article_id, NEW.price_per_day);
END;

CREATE TRIGGER article_touch AFTER UPDATE OF name, price_per_day, deposit, specs ON article
BEGIN
  UPDATE article SET updated_at = strftime('%Y-%m-%d %H:%M:%f', 'now') WHERE article_id = NEW.article_id;
END;

CREATE TRIGGER rental_noted AFTER INSERT ON rental
BEGIN
  INSERT INTO shop_event (what) VALUES ('rented out ' || NEW.serial_no);
END;
