-- A shop that rents out tools, in several branches.
CREATE TABLE region (
  code VARCHAR(8) NOT NULL PRIMARY KEY,
  name VARCHAR(60) NOT NULL,
  part_of VARCHAR(8),
  FOREIGN KEY (part_of) REFERENCES region (code)
);

CREATE TABLE branch (
  branch_id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name VARCHAR(60) NOT NULL UNIQUE,
  region VARCHAR(8) NOT NULL,
  manager INT UNIQUE,
  FOREIGN KEY (region) REFERENCES region (code) ON UPDATE CASCADE
);

CREATE TABLE staff (
  staff_id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  email VARCHAR(80) NOT NULL UNIQUE,
  full_name VARCHAR(80) NOT NULL,
  branch_id INT NOT NULL,
  boss INT,
  active BOOLEAN NOT NULL DEFAULT TRUE,
  photo VARBINARY(200) DEFAULT X'00FF',
  FOREIGN KEY (branch_id) REFERENCES branch (branch_id),
  FOREIGN KEY (boss) REFERENCES staff (staff_id) ON DELETE SET NULL
);
ALTER TABLE branch ADD FOREIGN KEY (manager) REFERENCES staff (staff_id);

CREATE TABLE opening_hours (
  branch_id INT NOT NULL,
  weekday TINYINT UNSIGNED NOT NULL CHECK (weekday BETWEEN 1 AND 7),
  opens TIME NOT NULL,
  closes TIME NOT NULL,
  PRIMARY KEY (branch_id, weekday),
  CHECK (opens < closes),
  FOREIGN KEY (branch_id) REFERENCES branch (branch_id) ON DELETE CASCADE
);

CREATE TABLE customer (
  customer_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  email VARCHAR(80) UNIQUE,
  full_name VARCHAR(80) NOT NULL,
  home_branch INT,
  recommended_by BIGINT UNSIGNED,
  joined TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  interests SET('garden', 'wood', 'metal') NOT NULL DEFAULT '',
  FOREIGN KEY (home_branch) REFERENCES branch (branch_id) ON DELETE SET NULL,
  FOREIGN KEY (recommended_by) REFERENCES customer (customer_id)
);

CREATE TABLE category (
  category_id SMALLINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name VARCHAR(40) NOT NULL UNIQUE,
  parent SMALLINT,
  FOREIGN KEY (parent) REFERENCES category (category_id) ON DELETE CASCADE
);

CREATE TABLE article (
  article_id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  sku VARCHAR(20) NOT NULL UNIQUE,
  name VARCHAR(80) NOT NULL,
  price_per_day DECIMAL(10,2) NOT NULL CHECK (price_per_day >= 0),
  deposit DECIMAL(10,2) NOT NULL DEFAULT 0,
  specs JSON,
  words VARCHAR(80) GENERATED ALWAYS AS (lower(name)) STORED,
  updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  KEY article_words (words),
  CHECK (deposit = 0 OR deposit >= price_per_day)
);

CREATE TABLE article_category (
  article_id INT NOT NULL,
  category_id SMALLINT NOT NULL,
  PRIMARY KEY (article_id, category_id),
  FOREIGN KEY (article_id) REFERENCES article (article_id) ON DELETE CASCADE,
  FOREIGN KEY (category_id) REFERENCES category (category_id) ON DELETE CASCADE
);

CREATE TABLE item (
  serial_no VARCHAR(20) NOT NULL PRIMARY KEY,
  article_id INT NOT NULL,
  branch_id INT NOT NULL,
  state ENUM('new', 'good', 'worn', 'broken') NOT NULL DEFAULT 'new',
  bought DATE NOT NULL,
  FOREIGN KEY (article_id) REFERENCES article (article_id) ON DELETE RESTRICT,
  FOREIGN KEY (branch_id) REFERENCES branch (branch_id)
);

CREATE TABLE rental (
  rental_id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  serial_no VARCHAR(20) NOT NULL,
  customer_id BIGINT UNSIGNED NOT NULL,
  handed_out_by INT,
  from_day DATE NOT NULL,
  to_day DATE NOT NULL,
  days INT GENERATED ALWAYS AS (to_days(to_day) - to_days(from_day)) VIRTUAL,
  returned TIMESTAMP NULL,
  UNIQUE (serial_no, from_day),
  FOREIGN KEY (serial_no) REFERENCES item (serial_no) ON UPDATE CASCADE,
  FOREIGN KEY (customer_id) REFERENCES customer (customer_id),
  FOREIGN KEY (handed_out_by) REFERENCES staff (staff_id) ON DELETE SET NULL
);

CREATE TABLE payment (
  payment_id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  rental_id BIGINT NOT NULL,
  amount DECIMAL(10,2) NOT NULL,
  paid_on DATE NOT NULL,
  reverses BIGINT UNIQUE,
  FOREIGN KEY (rental_id) REFERENCES rental (rental_id) ON DELETE CASCADE,
  FOREIGN KEY (reverses) REFERENCES payment (payment_id)
);

CREATE TABLE price_history (
  entry_id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  article_id INT NOT NULL,
  price DECIMAL(10,2) NOT NULL,
  since TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  FOREIGN KEY (article_id) REFERENCES article (article_id) ON DELETE CASCADE
);

-- It has no key.
CREATE TABLE shop_event (
  at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  what VARCHAR(200) NOT NULL
);

CREATE VIEW open_rental AS
  SELECT r.rental_id, c.full_name, a.name AS article, r.to_day
  FROM rental r JOIN customer c ON c.customer_id = r.customer_id JOIN item i ON i.serial_no = r.serial_no JOIN article a ON a.article_id = i.article_id
  WHERE r.returned IS NULL;
