-- +goose Up
-- Why a message was not sent, and what was told of a visit: whoever answers a resident sees both.
ALTER TABLE messages ADD COLUMN why TEXT NOT NULL DEFAULT '';
CREATE INDEX messages_of_visit ON messages (visit) WHERE visit <> '';
