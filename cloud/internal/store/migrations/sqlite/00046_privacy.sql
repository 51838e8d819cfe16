-- +goose Up
-- What residents agreed to, version by version.
CREATE TABLE consents (
    person  TEXT    NOT NULL,
    version TEXT    NOT NULL,
    at_ms   INTEGER NOT NULL,
    PRIMARY KEY (person, version)
) WITHOUT ROWID;

-- Whom the service has forgotten: ids that lead to nobody. Books that are restored forget them again.
CREATE TABLE erasures (
    person TEXT    PRIMARY KEY,
    at_ms  INTEGER NOT NULL
) WITHOUT ROWID;
-- +goose StatementBegin
CREATE TRIGGER erasures_never_change BEFORE UPDATE ON erasures BEGIN SELECT RAISE(ABORT, 'who was forgotten stays so'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER erasures_never_go BEFORE DELETE ON erasures BEGIN SELECT RAISE(ABORT, 'who was forgotten stays so'); END;
-- +goose StatementEnd

-- Free words about a resident may have a name in them. They lie beside the rows that never change or go, and go by themselves.
CREATE TABLE words (
    kind   TEXT    NOT NULL CHECK (kind IN ('objection', 'ruling', 'decision', 'note')),
    id     TEXT    NOT NULL,
    person TEXT    NOT NULL,
    visit  TEXT    NOT NULL,
    at_ms  INTEGER NOT NULL,
    text   TEXT    NOT NULL CHECK (text <> ''),
    PRIMARY KEY (kind, id)
) WITHOUT ROWID;
CREATE INDEX words_of_person ON words (person, at_ms);
CREATE INDEX words_by_age ON words (kind, at_ms);
INSERT INTO words (kind, id, person, visit, at_ms, text)
SELECT 'objection', id, person, visit, at_ms, words FROM disputes WHERE words <> ''
UNION ALL SELECT 'ruling', dispute, person, visit, at_ms, reason FROM rulings
UNION ALL SELECT 'decision', d.visit, v.person, d.visit, d.at_ms, d.note FROM decisions d JOIN visits v ON v.id = d.visit WHERE d.note <> ''
UNION ALL SELECT 'note', a.id, v.person, a.visit, a.at_ms, a.why FROM actions a JOIN visits v ON v.id = a.visit WHERE a.why <> '';
ALTER TABLE disputes DROP COLUMN words;
ALTER TABLE rulings DROP COLUMN reason;
ALTER TABLE decisions DROP COLUMN note;
ALTER TABLE actions DROP COLUMN why;

CREATE INDEX sign_in_codes_by_end ON sign_in_codes (expires_ms);
CREATE INDEX sessions_of_person ON sessions (person);
CREATE INDEX messages_of_person ON messages (person, created_ms) WHERE person <> '';
CREATE INDEX messages_by_age ON messages (created_ms) WHERE state <> 'waiting';
CREATE INDEX payment_ops_noted ON payment_ops (created_ms) WHERE note <> '';

ALTER TABLE chain ADD COLUMN retention TEXT NOT NULL DEFAULT '{}';
