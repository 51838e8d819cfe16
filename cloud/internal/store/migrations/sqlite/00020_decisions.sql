-- +goose Up
-- What a person made of a review. The order stays as the cabinet settled it: this is what is billed.
CREATE TABLE decisions (
    visit     TEXT    PRIMARY KEY REFERENCES orders (visit),
    by_name   TEXT    NOT NULL,
    at_ms     INTEGER NOT NULL,
    story     INTEGER NOT NULL,
    waived    BOOLEAN NOT NULL,
    total_fen INTEGER NOT NULL,
    note      TEXT    NOT NULL
);

CREATE TABLE decision_lines (
    visit     TEXT    NOT NULL REFERENCES decisions (visit),
    line      INTEGER NOT NULL,
    sku       TEXT    NOT NULL,
    name_zh   TEXT    NOT NULL,
    name_en   TEXT    NOT NULL,
    qty       INTEGER NOT NULL CHECK (qty > 0),
    price_fen INTEGER NOT NULL CHECK (price_fen >= 0),
    PRIMARY KEY (visit, line)
);

-- The desired state that an order was settled against; 0 for orders that are older than this column.
ALTER TABLE orders ADD COLUMN config INTEGER NOT NULL DEFAULT 0;

-- +goose StatementBegin
CREATE TRIGGER decisions_never_change BEFORE UPDATE ON decisions BEGIN SELECT RAISE(ABORT, 'a decision never changes'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER decisions_never_go BEFORE DELETE ON decisions BEGIN SELECT RAISE(ABORT, 'a decision never changes'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER decision_lines_never_change BEFORE UPDATE ON decision_lines BEGIN SELECT RAISE(ABORT, 'a decision never changes'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER decision_lines_never_go BEFORE DELETE ON decision_lines BEGIN SELECT RAISE(ABORT, 'a decision never changes'); END;
-- +goose StatementEnd
