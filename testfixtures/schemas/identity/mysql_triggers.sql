DELIMITER //
CREATE TRIGGER account_disabled AFTER UPDATE ON account FOR EACH ROW
BEGIN
  IF OLD.enabled <> NEW.enabled THEN
    INSERT INTO login_event (username, outcome) VALUES (NEW.username, 'enabled or disabled');
  END IF;
END //
DELIMITER ;
