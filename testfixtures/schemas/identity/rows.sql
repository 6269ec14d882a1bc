INSERT INTO realm (realm_id, name, settings) VALUES
  ('11111111-0000-4000-8000-000000000001', 'staff', '{"otp": true}'), ('11111111-0000-4000-8000-000000000002', 'guests', '{}');
INSERT INTO account (account_id, realm_id, username, email, enabled, created_at) VALUES
  ('22222222-0000-4000-8000-000000000001', '11111111-0000-4000-8000-000000000001', 'root', 'root@id.example', TRUE, '2020-01-01 00:00:00'),
  ('22222222-0000-4000-8000-000000000002', '11111111-0000-4000-8000-000000000001', 'mia', 'Mia@id.example', TRUE, '2021-05-01 08:00:00'),
  ('22222222-0000-4000-8000-000000000003', '11111111-0000-4000-8000-000000000001', 'noor', NULL, TRUE, '2022-07-09 13:45:10'),
  ('22222222-0000-4000-8000-000000000004', '11111111-0000-4000-8000-000000000002', 'mia', 'mia@elsewhere.example', FALSE, '2023-11-11 11:11:11'),
  ('22222222-0000-4000-8000-000000000005', '11111111-0000-4000-8000-000000000001', 'service-shop', NULL, TRUE, '2023-01-01 00:00:00');
INSERT INTO credential (account_id, kind, secret, priority) VALUES
  ('22222222-0000-4000-8000-000000000001', 'key', 'k-1', 1), ('22222222-0000-4000-8000-000000000002', 'password', 'p-2', 1),
  ('22222222-0000-4000-8000-000000000002', 'otp', 'o-2', 2), ('22222222-0000-4000-8000-000000000004', 'password', 'p-4', 1);
INSERT INTO account_group (realm_id, name, parent) VALUES ('11111111-0000-4000-8000-000000000001', 'all', NULL);
INSERT INTO account_group (realm_id, name, parent) VALUES
  ('11111111-0000-4000-8000-000000000001', 'sales', 1), ('11111111-0000-4000-8000-000000000001', 'support', 1);
INSERT INTO account_group (realm_id, name, parent) VALUES ('11111111-0000-4000-8000-000000000001', 'night shift', 3);
INSERT INTO role (realm_id, name) VALUES
  ('11111111-0000-4000-8000-000000000001', 'admin'), ('11111111-0000-4000-8000-000000000001', 'reader'), ('11111111-0000-4000-8000-000000000001', 'writer'), ('11111111-0000-4000-8000-000000000002', 'reader');
INSERT INTO role_part (whole, part) VALUES (1, 2), (1, 3), (3, 2);
INSERT INTO group_member (group_id, account_id) VALUES
  (2, '22222222-0000-4000-8000-000000000002'), (3, '22222222-0000-4000-8000-000000000003'), (4, '22222222-0000-4000-8000-000000000003');
INSERT INTO group_role (group_id, role_id) VALUES (1, 2), (2, 3), (4, 1);
INSERT INTO account_role (account_id, role_id, granted_by) VALUES
  ('22222222-0000-4000-8000-000000000001', 1, NULL), ('22222222-0000-4000-8000-000000000002', 2, '22222222-0000-4000-8000-000000000001'),
  ('22222222-0000-4000-8000-000000000003', 3, '22222222-0000-4000-8000-000000000002');
INSERT INTO client (client_id, realm_id, public, service_account) VALUES
  ('shop', '11111111-0000-4000-8000-000000000001', FALSE, '22222222-0000-4000-8000-000000000005'), ('phone', '11111111-0000-4000-8000-000000000001', TRUE, NULL),
  ('guestbook', '11111111-0000-4000-8000-000000000002', TRUE, NULL);
INSERT INTO consent (account_id, client_id, scope, given_at) VALUES
  ('22222222-0000-4000-8000-000000000002', 'phone', 'profile', '2023-01-01 00:00:00'), ('22222222-0000-4000-8000-000000000002', 'phone', 'email', '2023-01-01 00:00:00'),
  ('22222222-0000-4000-8000-000000000004', 'guestbook', 'profile', '2024-01-01 00:00:00');
INSERT INTO flow (flow_id, alias) VALUES (10, 'browser'), (20, 'second factor'), (30, 'reset');
INSERT INTO flow_step (flow_id, sub_flow, priority, required) VALUES (10, NULL, 1, TRUE), (10, 20, 2, FALSE), (20, NULL, 1, TRUE), (30, NULL, 1, FALSE);
INSERT INTO session (session_id, account_id, client_id, address, last_seen) VALUES
  ('aaaaaaaaaaaa', '22222222-0000-4000-8000-000000000002', 'shop', '192.0.2.7', '2024-06-01 08:00:00.25'), ('bbbbbbbbbbbb', '22222222-0000-4000-8000-000000000003', NULL, '2001:db8::1', '2024-06-01 09:00:00');
INSERT INTO setting (name, value) VALUES ('theme', 'dark'), ('motd', NULL), ('timeout', '900');
INSERT INTO login_event (at, username, outcome) VALUES
  ('2023-12-31 23:00:00', 'mia', 'ok'), ('2024-01-01 01:00:00', 'mia', 'wrong password'), ('2024-02-01 01:00:00', 'noor', 'ok');
