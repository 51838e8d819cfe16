-- +goose Up
-- Books that were restored ask the provider what it did since this moment, in milliseconds; 0: there is nothing to ask.
INSERT INTO settings (name, value) VALUES ('ask_provider_since', 0);
