-- +goose Up
-- What residents agreed to, version by version.
CREATE TABLE consents (
    person  TEXT COLLATE "C" NOT NULL,
    version TEXT COLLATE "C" NOT NULL,
    at_ms   BIGINT NOT NULL,
    PRIMARY KEY (person, version)
);

-- Whom the service has forgotten: ids that lead to nobody. Books that are restored forget them again.
CREATE TABLE erasures (
    person TEXT COLLATE "C" PRIMARY KEY,
    at_ms  BIGINT NOT NULL
);
CREATE TRIGGER erasures_never_change BEFORE UPDATE ON erasures FOR EACH ROW EXECUTE FUNCTION refuse('who was forgotten stays so');
CREATE TRIGGER erasures_never_go BEFORE DELETE ON erasures FOR EACH ROW EXECUTE FUNCTION refuse('who was forgotten stays so');
CREATE TRIGGER erasures_never_all_go BEFORE TRUNCATE ON erasures EXECUTE FUNCTION refuse('who was forgotten stays so');

-- Free words about a resident may have a name in them. They lie beside the rows that never change or go, and go by themselves.
CREATE TABLE words (
    kind   TEXT COLLATE "C" NOT NULL CHECK (kind IN ('objection', 'ruling', 'decision', 'note')),
    id     TEXT COLLATE "C" NOT NULL,
    person TEXT COLLATE "C" NOT NULL,
    visit  TEXT COLLATE "C" NOT NULL,
    at_ms  BIGINT NOT NULL,
    text   TEXT COLLATE "C" NOT NULL CHECK (text <> ''),
    PRIMARY KEY (kind, id)
);
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

ALTER TABLE chain ADD COLUMN retention TEXT COLLATE "C" NOT NULL DEFAULT '{}';
