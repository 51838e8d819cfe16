-- +goose Up
-- What a person made of a review. The order stays as the cabinet settled it: this is what is billed.
CREATE TABLE decisions (
    visit     TEXT COLLATE "C" PRIMARY KEY REFERENCES orders (visit),
    by_name   TEXT COLLATE "C" NOT NULL,
    at_ms     BIGINT NOT NULL,
    story     BIGINT NOT NULL,
    waived    BOOLEAN NOT NULL,
    total_fen BIGINT NOT NULL,
    note      TEXT COLLATE "C" NOT NULL
);

CREATE TABLE decision_lines (
    visit     TEXT COLLATE "C" NOT NULL REFERENCES decisions (visit),
    line      BIGINT NOT NULL,
    sku       TEXT COLLATE "C" NOT NULL,
    name_zh   TEXT COLLATE "C" NOT NULL,
    name_en   TEXT COLLATE "C" NOT NULL,
    qty       BIGINT NOT NULL CHECK (qty > 0),
    price_fen BIGINT NOT NULL CHECK (price_fen >= 0),
    PRIMARY KEY (visit, line)
);

-- The desired state that an order was settled against; 0 for orders that are older than this column.
ALTER TABLE orders ADD COLUMN config BIGINT NOT NULL DEFAULT 0;

CREATE TRIGGER decisions_never_change BEFORE UPDATE ON decisions FOR EACH ROW EXECUTE FUNCTION refuse('a decision never changes');
CREATE TRIGGER decisions_never_go BEFORE DELETE ON decisions FOR EACH ROW EXECUTE FUNCTION refuse('a decision never changes');
CREATE TRIGGER decision_lines_never_change BEFORE UPDATE ON decision_lines FOR EACH ROW EXECUTE FUNCTION refuse('a decision never changes');
CREATE TRIGGER decision_lines_never_go BEFORE DELETE ON decision_lines FOR EACH ROW EXECUTE FUNCTION refuse('a decision never changes');
