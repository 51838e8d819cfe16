-- +goose Up
-- What pages ask for, found without reading all that ever happened: a store's cabinets, what is under way at one cabinet, the
-- newest movements and tasks of all, and a cabinet's incidents by their whole time.
CREATE INDEX cabinets_of_store ON cabinets (store);
DROP INDEX visits_in_review;
CREATE INDEX visits_in_review ON visits (created_ms, id) WHERE payment = 'review';
CREATE INDEX visits_under_way_of ON visits (cabinet, created_ms) WHERE ended_ms = 0;
CREATE INDEX movements_newest ON movements (at_ms);
CREATE INDEX tasks_newest ON tasks (asked_ms);
DROP INDEX incidents_of_cabinet;
CREATE INDEX incidents_of_cabinet ON incidents (cabinet, first_ms, last_ms, closed_ms, subject);

-- How many desired states there have been since: who has read them all knows by it whether there is another.
INSERT INTO settings (name, value) VALUES ('states', 0);
