DELIMITER //
CREATE TRIGGER article_price AFTER UPDATE ON article FOR EACH ROW
BEGIN
  IF OLD.price_per_day <> NEW.price_per_day THEN
    INSERT INTO price_history (article_id, price) VALUES (NEW.article_id, NEW.price_per_day);
  END IF;
END //
CREATE TRIGGER rental_noted AFTER INSERT ON rental FOR EACH ROW
  INSERT INTO shop_event (what) VALUES (concat('rented out ', NEW.serial_no)) //
DELIMITER ;
