-- Who may log in where, and as what.
CREATE TABLE realm (
  realm_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  name VARCHAR(40) NOT NULL UNIQUE,
  settings JSON NOT NULL
);

CREATE TABLE account (
  account_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  realm_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  username VARCHAR(60) NOT NULL,
  email VARCHAR(80),
  email_lower VARCHAR(80) GENERATED ALWAYS AS (lower(email)) STORED,
  enabled BOOLEAN NOT NULL DEFAULT TRUE,
  created_at DATETIME(3) NOT NULL,
  UNIQUE (realm_id, username),
  UNIQUE KEY account_email (realm_id, email_lower),
  FOREIGN KEY (realm_id) REFERENCES realm (realm_id) ON DELETE CASCADE
);

CREATE TABLE credential (
  credential_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  account_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  kind ENUM('password', 'key', 'otp') NOT NULL,
  secret VARCHAR(120) NOT NULL,
  salt BINARY(8) NOT NULL DEFAULT X'6162636465666768',
  priority INT NOT NULL,
  UNIQUE (account_id, priority),
  FOREIGN KEY (account_id) REFERENCES account (account_id) ON DELETE CASCADE
);

CREATE TABLE account_group (
  group_id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  realm_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name VARCHAR(60) NOT NULL,
  parent INT,
  UNIQUE (realm_id, parent, name),
  FOREIGN KEY (realm_id) REFERENCES realm (realm_id) ON DELETE CASCADE,
  FOREIGN KEY (parent) REFERENCES account_group (group_id) ON DELETE CASCADE
);

CREATE TABLE role (
  role_id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  realm_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name VARCHAR(60) NOT NULL,
  UNIQUE (realm_id, name),
  FOREIGN KEY (realm_id) REFERENCES realm (realm_id) ON DELETE CASCADE
);

CREATE TABLE role_part (
  whole INT NOT NULL,
  part INT NOT NULL,
  PRIMARY KEY (whole, part),
  FOREIGN KEY (whole) REFERENCES role (role_id) ON DELETE CASCADE,
  FOREIGN KEY (part) REFERENCES role (role_id) ON DELETE RESTRICT
);

CREATE TABLE group_member (
  group_id INT NOT NULL,
  account_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (account_id, group_id),
  FOREIGN KEY (group_id) REFERENCES account_group (group_id) ON DELETE CASCADE,
  FOREIGN KEY (account_id) REFERENCES account (account_id) ON DELETE CASCADE
);

CREATE TABLE group_role (
  group_id INT NOT NULL,
  role_id INT NOT NULL,
  PRIMARY KEY (group_id, role_id),
  FOREIGN KEY (group_id) REFERENCES account_group (group_id) ON DELETE CASCADE,
  FOREIGN KEY (role_id) REFERENCES role (role_id)
);

CREATE TABLE account_role (
  account_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  role_id INT NOT NULL,
  granted_by CHAR(36) CHARACTER SET ascii COLLATE ascii_bin,
  PRIMARY KEY (account_id, role_id),
  FOREIGN KEY (account_id) REFERENCES account (account_id) ON DELETE CASCADE,
  FOREIGN KEY (role_id) REFERENCES role (role_id),
  FOREIGN KEY (granted_by) REFERENCES account (account_id) ON DELETE SET NULL
);

CREATE TABLE client (
  client_id VARCHAR(40) NOT NULL PRIMARY KEY,
  realm_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  public BOOLEAN NOT NULL,
  service_account CHAR(36) CHARACTER SET ascii COLLATE ascii_bin UNIQUE,
  redirects VARCHAR(400) NOT NULL DEFAULT '["https://app.example/back"]',
  FOREIGN KEY (realm_id) REFERENCES realm (realm_id) ON DELETE CASCADE,
  FOREIGN KEY (service_account) REFERENCES account (account_id) ON DELETE SET NULL
);

CREATE TABLE consent (
  account_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  client_id VARCHAR(40) NOT NULL,
  scope VARCHAR(40) NOT NULL,
  given_at DATETIME NOT NULL,
  PRIMARY KEY (account_id, client_id, scope),
  FOREIGN KEY (account_id) REFERENCES account (account_id) ON DELETE CASCADE,
  FOREIGN KEY (client_id) REFERENCES client (client_id) ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE flow (
  flow_id INT NOT NULL PRIMARY KEY,
  alias VARCHAR(40) NOT NULL UNIQUE
);

CREATE TABLE flow_step (
  step_id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  flow_id INT NOT NULL,
  sub_flow INT,
  priority INT NOT NULL,
  required BOOLEAN NOT NULL DEFAULT FALSE,
  UNIQUE (flow_id, priority),
  FOREIGN KEY (flow_id) REFERENCES flow (flow_id) ON DELETE CASCADE,
  FOREIGN KEY (sub_flow) REFERENCES flow (flow_id)
);

CREATE TABLE session (
  session_id CHAR(12) NOT NULL PRIMARY KEY,
  account_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  client_id VARCHAR(40),
  address VARCHAR(45),
  last_seen DATETIME(6) NOT NULL,
  FOREIGN KEY (account_id) REFERENCES account (account_id) ON DELETE CASCADE,
  FOREIGN KEY (client_id) REFERENCES client (client_id) ON DELETE SET NULL ON UPDATE CASCADE
);

-- It has no primary key.
CREATE TABLE setting (
  name VARCHAR(60) NOT NULL UNIQUE,
  value VARCHAR(200)
);

CREATE TABLE login_event (
  event_id BIGINT NOT NULL AUTO_INCREMENT,
  at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
  username VARCHAR(60) NOT NULL,
  outcome VARCHAR(20) NOT NULL,
  PRIMARY KEY (event_id, at)
) PARTITION BY RANGE COLUMNS (at) (
  PARTITION before_2024 VALUES LESS THAN ('2024-01-01'),
  PARTITION since_2024 VALUES LESS THAN (MAXVALUE)
);

CREATE VIEW effective_role AS
  SELECT account_id, role_id FROM account_role
  UNION SELECT m.account_id, g.role_id FROM group_member m JOIN group_role g ON g.group_id = m.group_id;
