INSERT INTO region (code, name, part_of) VALUES ('N', 'North', NULL), ('S', 'South', NULL);
INSERT INTO region (code, name, part_of) VALUES ('N-C', 'North coast', 'N'), ('N-H', 'North hills', 'N'), ('S-P', 'Southern plain', 'S');
INSERT INTO branch (name, region) VALUES ('Harbour', 'N-C'), ('Mill', 'N-H'), ('Old town', 'S-P');
INSERT INTO staff (email, full_name, branch_id, boss) VALUES ('ilka@tools.example', 'Ilka Brandt', 1, NULL);
INSERT INTO staff (email, full_name, branch_id, boss) VALUES
  ('ove@tools.example', 'Ove Lund', 1, 1), ('rosa@tools.example', 'Rosa Peña', 2, 1), ('tam@tools.example', 'Tam Nguyễn', 3, 1);
INSERT INTO staff (email, full_name, branch_id, boss, active) VALUES ('uwe@tools.example', 'Uwe Adler', 2, 3, FALSE);
UPDATE branch SET manager = 2 WHERE branch_id = 1;
UPDATE branch SET manager = 3 WHERE branch_id = 2;
INSERT INTO opening_hours (branch_id, weekday, opens, closes) VALUES
  (1, 1, '08:00:00', '18:00:00'), (1, 2, '08:00:00', '18:00:00'), (2, 1, '07:30:00', '16:00:00'), (3, 6, '09:00:00', '13:00:00');
INSERT INTO customer (email, full_name, home_branch, recommended_by, joined) VALUES
  ('ana@mail.example', 'Ana Ruiz', 1, NULL, '2023-02-01 10:00:00'), (NULL, 'Bo Ek', 1, NULL, '2023-03-05 11:30:00');
INSERT INTO customer (email, full_name, home_branch, recommended_by, joined) VALUES
  ('cleo@mail.example', 'Cleo "Mac" Low', 2, 1, '2024-01-20 09:15:00'), ('dag@mail.example', 'Dag Ås', NULL, 3, '2024-06-30 17:45:00');
INSERT INTO category (name, parent) VALUES ('Garden', NULL), ('Workshop', NULL);
INSERT INTO category (name, parent) VALUES ('Hedges', 1), ('Drills', 2), ('Saws', 2);
INSERT INTO article (sku, name, price_per_day, deposit, specs, updated_at) VALUES
  ('HT-40', 'Hedge trimmer', 14.50, 60.00, '{"volts": 40}', '2024-01-01 00:00:00'),
  ('CD-18', 'Cordless drill', 9.00, 0, '{"volts": 18, "gears": [1, 2]}', '2024-01-01 00:00:00'),
  ('CS-50', 'Chain saw', 25.00, 150.00, NULL, '2024-01-01 00:00:00'),
  ('LD-06', 'Ladder, 6 m', 6.50, 20.00, '{}', '2024-01-01 00:00:00');
INSERT INTO article_category (article_id, category_id) VALUES (1, 1), (1, 3), (2, 4), (3, 1), (3, 5);
INSERT INTO item (serial_no, article_id, branch_id, state, bought) VALUES
  ('H-0001', 1, 1, 'good', '2022-04-01'), ('H-0002', 1, 2, 'new', '2024-03-01'), ('D-0001', 2, 1, 'worn', '2020-09-15'), ('S-0001', 3, 2, 'good', '2023-05-05'), ('L-0001', 4, 3, 'broken', '2019-01-01');
INSERT INTO rental (serial_no, customer_id, handed_out_by, from_day, to_day, returned) VALUES
  ('H-0001', 1, 2, '2024-05-01', '2024-05-03', '2024-05-03 17:00:00'), ('D-0001', 2, 2, '2024-05-02', '2024-05-09', '2024-05-08 12:00:00'),
  ('S-0001', 3, 3, '2024-06-01', '2024-06-02', NULL), ('H-0002', 1, NULL, '2024-06-10', '2024-06-11', NULL);
INSERT INTO payment (rental_id, amount, paid_on, reverses) VALUES (1, 29.00, '2024-05-03', NULL), (2, 63.00, '2024-05-08', NULL), (2, 9.00, '2024-05-08', NULL);
INSERT INTO payment (rental_id, amount, paid_on, reverses) VALUES (2, -9.00, '2024-05-09', 3);
INSERT INTO price_history (article_id, price, since) VALUES (1, 13.00, '2023-01-01 00:00:00'), (3, 22.00, '2023-01-01 00:00:00');
INSERT INTO shop_event (at, what) VALUES ('2024-05-01 08:00:00', 'opened');
