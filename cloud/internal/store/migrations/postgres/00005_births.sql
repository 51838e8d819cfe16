-- +goose Up
-- The newest birth of each cabinet: a cloud that restarts beside a broker that did not goes on with the connections
-- that are there.
CREATE TABLE births (
    cabinet TEXT COLLATE "C" PRIMARY KEY,
    at_ms   BIGINT NOT NULL,
    birth   TEXT COLLATE "C" NOT NULL
);

CREATE INDEX visits_under_way_at ON visits (cabinet, compartment) WHERE ended_ms = 0;
