-- Who may log in where, and as what.
CREATE TABLE realm (
  realm_id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  settings JSON NOT NULL
);

CREATE TABLE account (
  account_id TEXT NOT NULL PRIMARY KEY,
  realm_id TEXT NOT NULL REFERENCES realm (realm_id) ON DELETE CASCADE,
  username TEXT NOT NULL COLLATE NOCASE,
  email TEXT,
  enabled BOOLEAN NOT NULL DEFAULT TRUE,
  created_at TEXT NOT NULL,
  UNIQUE (realm_id, username)
);
CREATE UNIQUE INDEX account_email ON account (realm_id, lower(email));

CREATE TABLE credential (
  credential_id INTEGER PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES account (account_id) ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('password', 'key', 'otp')),
  secret TEXT NOT NULL,
  salt BLOB NOT NULL DEFAULT X'DEADBEEF',
  priority INT NOT NULL,
  UNIQUE (account_id, priority)
) STRICT;

CREATE TABLE account_group (
  group_id INTEGER PRIMARY KEY,
  realm_id TEXT NOT NULL REFERENCES realm (realm_id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  parent INTEGER REFERENCES account_group (group_id) ON DELETE CASCADE,
  UNIQUE (realm_id, parent, name)
);

CREATE TABLE role (
  role_id INTEGER PRIMARY KEY AUTOINCREMENT,
  realm_id TEXT NOT NULL REFERENCES realm (realm_id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  UNIQUE (realm_id, name)
);

CREATE TABLE role_part (
  whole INTEGER NOT NULL REFERENCES role (role_id) ON DELETE CASCADE,
  part INTEGER NOT NULL REFERENCES role (role_id) ON DELETE RESTRICT,
  PRIMARY KEY (whole, part),
  CHECK (whole <> part)
) WITHOUT ROWID;

CREATE TABLE group_member (
  group_id INTEGER NOT NULL REFERENCES account_group (group_id) ON DELETE CASCADE,
  account_id TEXT NOT NULL REFERENCES account (account_id) ON DELETE CASCADE,
  PRIMARY KEY (account_id, group_id)
);

CREATE TABLE group_role (
  group_id INTEGER NOT NULL REFERENCES account_group (group_id) ON DELETE CASCADE,
  role_id INTEGER NOT NULL REFERENCES role (role_id),
  PRIMARY KEY (group_id, role_id)
);

CREATE TABLE account_role (
  account_id TEXT NOT NULL REFERENCES account (account_id) ON DELETE CASCADE,
  role_id INTEGER NOT NULL REFERENCES role (role_id),
  granted_by TEXT REFERENCES account (account_id) ON DELETE SET NULL,
  PRIMARY KEY (account_id, role_id)
);

CREATE TABLE client (
  client_id TEXT NOT NULL PRIMARY KEY,
  realm_id TEXT NOT NULL REFERENCES realm (realm_id) ON DELETE CASCADE,
  public BOOLEAN NOT NULL,
  service_account TEXT UNIQUE REFERENCES account (account_id) ON DELETE SET NULL,
  redirects JSON NOT NULL DEFAULT '["https://app.example/back"]'
);

CREATE TABLE consent (
  account_id TEXT NOT NULL REFERENCES account (account_id) ON DELETE CASCADE,
  client_id TEXT NOT NULL REFERENCES client (client_id) ON DELETE CASCADE ON UPDATE CASCADE,
  scope TEXT NOT NULL,
  given_at TEXT NOT NULL,
  PRIMARY KEY (account_id, client_id, scope)
);

CREATE TABLE flow (
  flow_id INT NOT NULL PRIMARY KEY,
  alias TEXT NOT NULL UNIQUE
);

CREATE TABLE flow_step (
  step_id INTEGER PRIMARY KEY,
  flow_id INT NOT NULL REFERENCES flow (flow_id) ON DELETE CASCADE,
  sub_flow INT REFERENCES flow (flow_id),
  priority INT NOT NULL,
  required BOOLEAN NOT NULL DEFAULT FALSE,
  UNIQUE (flow_id, priority)
);

CREATE TABLE session (
  session_id CHAR(12) NOT NULL PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES account (account_id) ON DELETE CASCADE,
  client_id TEXT REFERENCES client (client_id) ON DELETE SET NULL ON UPDATE CASCADE,
  address TEXT,
  last_seen TEXT NOT NULL
) WITHOUT ROWID;

-- It has no primary key.
CREATE TABLE setting (
  name TEXT NOT NULL UNIQUE,
  value TEXT
);

CREATE TABLE login_event (
  event_id INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
  username TEXT NOT NULL,
  outcome TEXT NOT NULL
);

CREATE VIEW effective_role AS
  SELECT account_id, role_id FROM account_role
  UNION SELECT m.account_id, g.role_id FROM group_member m JOIN group_role g USING (group_id);

CREATE TRIGGER account_disabled AFTER UPDATE ON account WHEN OLD.enabled <> NEW.enabled
BEGIN
  INSERT INTO login_event (username, outcome) VALUES (NEW.username, 'enabled or disabled');
END;
