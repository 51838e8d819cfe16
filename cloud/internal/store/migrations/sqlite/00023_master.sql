-- +goose Up
-- Some prices that hold from a time on. The price list of all articles is made of them when that time has come.
CREATE TABLE price_changes (
    number     INTEGER PRIMARY KEY,
    from_ms    INTEGER NOT NULL,
    entered_ms INTEGER NOT NULL,
    by_name    TEXT    NOT NULL
);

CREATE TABLE price_change_lines (
    change INTEGER NOT NULL REFERENCES price_changes (number),
    sku    TEXT    NOT NULL,
    fen    INTEGER NOT NULL CHECK (fen > 0),
    PRIMARY KEY (change, sku)
);

-- What became of one: it held, and made a version, or it was withdrawn before (version 0).
CREATE TABLE price_change_ends (
    change  INTEGER PRIMARY KEY REFERENCES price_changes (number),
    at_ms   INTEGER NOT NULL,
    version INTEGER NOT NULL,
    by_name TEXT    NOT NULL
);

-- What an article cost the chain, from when on.
CREATE TABLE article_costs (
    sku     TEXT    NOT NULL,
    number  INTEGER NOT NULL,
    from_ms INTEGER NOT NULL,
    fen     INTEGER NOT NULL CHECK (fen >= 0),
    by_name TEXT    NOT NULL,
    PRIMARY KEY (sku, number)
);
INSERT INTO article_costs (sku, number, from_ms, fen, by_name)
    SELECT sku, 1, 0, CAST(json_extract(facts, '$.Cost') AS INTEGER), '' FROM articles;

-- +goose StatementBegin
CREATE TRIGGER price_changes_never_change BEFORE UPDATE ON price_changes BEGIN SELECT RAISE(ABORT, 'a price change never changes'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER price_changes_never_go BEFORE DELETE ON price_changes BEGIN SELECT RAISE(ABORT, 'a price change never changes'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER price_change_lines_never_change BEFORE UPDATE ON price_change_lines BEGIN SELECT RAISE(ABORT, 'a price change never changes'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER price_change_lines_never_go BEFORE DELETE ON price_change_lines BEGIN SELECT RAISE(ABORT, 'a price change never changes'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER price_change_ends_never_change BEFORE UPDATE ON price_change_ends BEGIN SELECT RAISE(ABORT, 'a price change ends once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER price_change_ends_never_go BEFORE DELETE ON price_change_ends BEGIN SELECT RAISE(ABORT, 'a price change ends once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER article_costs_never_change BEFORE UPDATE ON article_costs BEGIN SELECT RAISE(ABORT, 'what an article cost never changes'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER article_costs_never_go BEFORE DELETE ON article_costs BEGIN SELECT RAISE(ABORT, 'what an article cost never changes'); END;
-- +goose StatementEnd
