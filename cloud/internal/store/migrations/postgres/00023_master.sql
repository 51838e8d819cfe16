-- +goose Up
-- Some prices that hold from a time on. The price list of all articles is made of them when that time has come.
CREATE TABLE price_changes (
    number     BIGINT PRIMARY KEY,
    from_ms    BIGINT NOT NULL,
    entered_ms BIGINT NOT NULL,
    by_name    TEXT COLLATE "C" NOT NULL
);

CREATE TABLE price_change_lines (
    change BIGINT NOT NULL REFERENCES price_changes (number),
    sku    TEXT COLLATE "C" NOT NULL,
    fen    BIGINT NOT NULL CHECK (fen > 0),
    PRIMARY KEY (change, sku)
);

-- What became of one: it held, and made a version, or it was withdrawn before (version 0).
CREATE TABLE price_change_ends (
    change  BIGINT PRIMARY KEY REFERENCES price_changes (number),
    at_ms   BIGINT NOT NULL,
    version BIGINT NOT NULL,
    by_name TEXT COLLATE "C" NOT NULL
);

-- What an article cost the chain, from when on.
CREATE TABLE article_costs (
    sku     TEXT COLLATE "C" NOT NULL,
    number  BIGINT NOT NULL,
    from_ms BIGINT NOT NULL,
    fen     BIGINT NOT NULL CHECK (fen >= 0),
    by_name TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (sku, number)
);
INSERT INTO article_costs (sku, number, from_ms, fen, by_name)
    SELECT sku, 1, 0, CAST(facts::json ->> 'Cost' AS BIGINT), '' FROM articles;

CREATE TRIGGER price_changes_never_change BEFORE UPDATE ON price_changes FOR EACH ROW EXECUTE FUNCTION refuse('a price change never changes');
CREATE TRIGGER price_changes_never_go BEFORE DELETE ON price_changes FOR EACH ROW EXECUTE FUNCTION refuse('a price change never changes');
CREATE TRIGGER price_change_lines_never_change BEFORE UPDATE ON price_change_lines FOR EACH ROW EXECUTE FUNCTION refuse('a price change never changes');
CREATE TRIGGER price_change_lines_never_go BEFORE DELETE ON price_change_lines FOR EACH ROW EXECUTE FUNCTION refuse('a price change never changes');
CREATE TRIGGER price_change_ends_never_change BEFORE UPDATE ON price_change_ends FOR EACH ROW EXECUTE FUNCTION refuse('a price change ends once');
CREATE TRIGGER price_change_ends_never_go BEFORE DELETE ON price_change_ends FOR EACH ROW EXECUTE FUNCTION refuse('a price change ends once');
CREATE TRIGGER article_costs_never_change BEFORE UPDATE ON article_costs FOR EACH ROW EXECUTE FUNCTION refuse('what an article cost never changes');
CREATE TRIGGER article_costs_never_go BEFORE DELETE ON article_costs FOR EACH ROW EXECUTE FUNCTION refuse('what an article cost never changes');
