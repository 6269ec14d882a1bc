-- Pages that people write together, with all their revisions.
CREATE TABLE namespace (
  ns INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
);

CREATE TABLE author (
  author_id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE COLLATE NOCASE,
  registered TEXT NOT NULL,
  edits INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE page (
  page_id INTEGER PRIMARY KEY,
  ns INTEGER NOT NULL REFERENCES namespace (ns),
  title TEXT NOT NULL,
  latest INTEGER REFERENCES revision (rev_id) DEFERRABLE INITIALLY DEFERRED,
  redirects_to INTEGER REFERENCES page (page_id) ON DELETE SET NULL,
  locked BOOLEAN NOT NULL DEFAULT FALSE,
  UNIQUE (ns, title)
);

CREATE TABLE revision (
  rev_id INTEGER PRIMARY KEY,
  page_id INTEGER NOT NULL REFERENCES page (page_id) ON DELETE CASCADE,
  follows INTEGER UNIQUE REFERENCES revision (rev_id),
  author_id INTEGER REFERENCES author (author_id) ON DELETE SET NULL,
  made TEXT NOT NULL,
  body TEXT NOT NULL,
  size INTEGER GENERATED ALWAYS AS (length(body)) STORED
);

CREATE TABLE link (
  from_page INTEGER NOT NULL REFERENCES page (page_id) ON DELETE CASCADE,
  to_ns INTEGER NOT NULL REFERENCES namespace (ns),
  to_title TEXT NOT NULL,
  PRIMARY KEY (from_page, to_ns, to_title)
) WITHOUT ROWID;

CREATE TABLE tag (
  name TEXT NOT NULL PRIMARY KEY,
  described TEXT
);

CREATE TABLE page_tag (
  page_id INTEGER NOT NULL REFERENCES page (page_id) ON DELETE CASCADE,
  tag TEXT NOT NULL REFERENCES tag (name) ON UPDATE CASCADE,
  PRIMARY KEY (page_id, tag)
);

CREATE TABLE file (
  name TEXT NOT NULL PRIMARY KEY,
  bytes INTEGER NOT NULL,
  digest BLOB NOT NULL DEFAULT X'00112233',
  uploaded_by INTEGER REFERENCES author (author_id),
  facts JSON NOT NULL
);

-- Versions of files that were replaced. It has no key.
CREATE TABLE old_file (
  name TEXT NOT NULL REFERENCES file (name) ON DELETE CASCADE ON UPDATE CASCADE,
  replaced TEXT NOT NULL,
  bytes INTEGER NOT NULL
);

CREATE TABLE remark (
  remark_id INTEGER PRIMARY KEY AUTOINCREMENT,
  page_id INTEGER NOT NULL REFERENCES page (page_id) ON DELETE CASCADE,
  answers INTEGER REFERENCES remark (remark_id) ON DELETE CASCADE DEFERRABLE,
  author_id INTEGER NOT NULL REFERENCES author (author_id),
  body TEXT NOT NULL
);

CREATE TABLE watch (
  author_id INTEGER NOT NULL REFERENCES author (author_id) ON DELETE CASCADE,
  page_id INTEGER NOT NULL REFERENCES page (page_id) ON DELETE CASCADE,
  expires DATE,
  PRIMARY KEY (author_id, page_id)
);

-- It has one row.
CREATE TABLE statistics (
  one INTEGER PRIMARY KEY DEFAULT 1 CHECK (one = 1),
  revisions INTEGER NOT NULL
);

CREATE TABLE change_log (
  change_id INTEGER PRIMARY KEY,
  page_id INTEGER NOT NULL,
  what TEXT NOT NULL
);

CREATE VIEW current_page AS
  SELECT p.page_id, n.name AS namespace, p.title, r.made, r.size
  FROM page p JOIN namespace n USING (ns) JOIN revision r ON r.rev_id = p.latest;

CREATE TRIGGER revision_noted AFTER INSERT ON revision
BEGIN
  INSERT INTO change_log (page_id, what) VALUES (NEW.page_id, 'revision');
  UPDATE statistics SET revisions = revisions + 1;
END;
