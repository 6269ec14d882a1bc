-- Pages that people write together, with all their revisions.
CREATE TABLE namespace (
  ns INT NOT NULL PRIMARY KEY,
  name VARCHAR(40) NOT NULL UNIQUE
);

CREATE TABLE author (
  author_id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name VARCHAR(60) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL UNIQUE,
  registered DATETIME NOT NULL,
  edits INT NOT NULL DEFAULT 0
);

CREATE TABLE page (
  page_id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  ns INT NOT NULL,
  title VARCHAR(120) NOT NULL,
  latest BIGINT,
  redirects_to BIGINT,
  locked BOOLEAN NOT NULL DEFAULT FALSE,
  UNIQUE (ns, title),
  FOREIGN KEY (ns) REFERENCES namespace (ns),
  FOREIGN KEY (redirects_to) REFERENCES page (page_id) ON DELETE SET NULL
);

CREATE TABLE revision (
  rev_id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  page_id BIGINT NOT NULL,
  follows BIGINT UNIQUE,
  author_id INT UNSIGNED,
  made DATETIME(3) NOT NULL,
  body MEDIUMTEXT NOT NULL,
  size INT GENERATED ALWAYS AS (char_length(body)) STORED,
  FOREIGN KEY (page_id) REFERENCES page (page_id) ON DELETE CASCADE,
  FOREIGN KEY (follows) REFERENCES revision (rev_id),
  FOREIGN KEY (author_id) REFERENCES author (author_id) ON DELETE SET NULL
);
ALTER TABLE page ADD FOREIGN KEY (latest) REFERENCES revision (rev_id);

CREATE TABLE link (
  from_page BIGINT NOT NULL,
  to_ns INT NOT NULL,
  to_title VARCHAR(120) NOT NULL,
  PRIMARY KEY (from_page, to_ns, to_title),
  FOREIGN KEY (from_page) REFERENCES page (page_id) ON DELETE CASCADE,
  FOREIGN KEY (to_ns) REFERENCES namespace (ns)
);

CREATE TABLE tag (
  name VARCHAR(40) NOT NULL PRIMARY KEY,
  described TEXT
);

CREATE TABLE page_tag (
  page_id BIGINT NOT NULL,
  tag VARCHAR(40) NOT NULL,
  PRIMARY KEY (page_id, tag),
  FOREIGN KEY (page_id) REFERENCES page (page_id) ON DELETE CASCADE,
  FOREIGN KEY (tag) REFERENCES tag (name) ON UPDATE CASCADE
);

CREATE TABLE file (
  name VARCHAR(120) NOT NULL PRIMARY KEY,
  bytes BIGINT UNSIGNED NOT NULL,
  digest VARBINARY(20) NOT NULL DEFAULT X'00112233',
  uploaded_by INT UNSIGNED,
  facts JSON NOT NULL,
  FOREIGN KEY (uploaded_by) REFERENCES author (author_id)
);

-- Versions of files that were replaced. It has no key.
CREATE TABLE old_file (
  name VARCHAR(120) NOT NULL,
  replaced DATETIME NOT NULL,
  bytes BIGINT UNSIGNED NOT NULL,
  FOREIGN KEY (name) REFERENCES file (name) ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE remark (
  remark_id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  page_id BIGINT NOT NULL,
  answers BIGINT,
  author_id INT UNSIGNED NOT NULL,
  body TEXT NOT NULL,
  FOREIGN KEY (page_id) REFERENCES page (page_id) ON DELETE CASCADE,
  FOREIGN KEY (answers) REFERENCES remark (remark_id) ON DELETE CASCADE,
  FOREIGN KEY (author_id) REFERENCES author (author_id)
);

CREATE TABLE watch (
  author_id INT UNSIGNED NOT NULL,
  page_id BIGINT NOT NULL,
  expires DATE,
  PRIMARY KEY (author_id, page_id),
  FOREIGN KEY (author_id) REFERENCES author (author_id) ON DELETE CASCADE,
  FOREIGN KEY (page_id) REFERENCES page (page_id) ON DELETE CASCADE
);

-- It has one row.
CREATE TABLE statistics (
  one INT NOT NULL DEFAULT 1 PRIMARY KEY CHECK (one = 1),
  revisions INT NOT NULL
);

CREATE TABLE change_log (
  change_id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  page_id BIGINT NOT NULL,
  what VARCHAR(40) NOT NULL
);

CREATE VIEW current_page AS
  SELECT p.page_id, n.name AS namespace, p.title, r.made, r.size
  FROM page p JOIN namespace n ON n.ns = p.ns JOIN revision r ON r.rev_id = p.latest;
