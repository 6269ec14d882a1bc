DELIMITER //
CREATE TRIGGER revision_noted AFTER INSERT ON revision FOR EACH ROW
BEGIN
  INSERT INTO change_log (page_id, what) VALUES (NEW.page_id, 'revision');
  UPDATE statistics SET revisions = revisions + 1;
END //
DELIMITER ;
