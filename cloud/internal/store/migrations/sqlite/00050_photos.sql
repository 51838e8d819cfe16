-- +goose Up
-- Pictures are forgotten when the last time that each was taken is long ago.
CREATE INDEX round_photos_of_picture ON round_photos (sum, at_ms);
