-- +goose Up
-- A payout is of no visit either, and belongs to the top-up that it gives back, or to none where a till hands it out.
ALTER TABLE payment_ops DROP CONSTRAINT payment_ops_check;
ALTER TABLE payment_ops ADD CHECK (visit IS NOT NULL OR kind IN ('topup', 'payout'));
DROP INDEX payment_ops_of_person;
CREATE INDEX payment_ops_of_person ON payment_ops (person, created_ms) WHERE kind IN ('pay', 'topup', 'waive', 'payout');
-- What one request asks for is one operation of a visit, or of a top-up that is paid out.
DROP INDEX payment_ops_once;
CREATE UNIQUE INDEX payment_ops_once ON payment_ops (person, key, COALESCE(visit, ''), on_op) WHERE key <> '';

-- No more of a top-up goes back than it brought, and no more in all than is left of what was paid ahead.
-- +goose StatementBegin
CREATE FUNCTION payout_within() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.kind = 'payout' AND NEW.state IN ('pending', 'sent', 'unknown') AND (NEW.amount_fen <= 0 OR NEW.amount_fen
        + (SELECT COALESCE(SUM(amount_fen), 0) FROM payment_ops WHERE person = NEW.person AND kind = 'payout' AND kind IN ('pay', 'topup', 'waive', 'payout') AND state IN ('pending', 'sent', 'unknown'))
        > COALESCE((SELECT -amount FROM ledger_balances WHERE account = 'prepaid:' || NEW.person AND unit = 'fen'), 0)) THEN
        RAISE EXCEPTION 'more would be paid out than was paid ahead';
    END IF;
    IF NEW.kind = 'payout' AND NEW.on_op <> '' AND NEW.state NOT IN ('refused', 'cancelled') AND NEW.amount_fen
        + (SELECT COALESCE(SUM(amount_fen), 0) FROM payment_ops WHERE on_op = NEW.on_op AND on_op <> '' AND kind = 'payout' AND state NOT IN ('refused', 'cancelled'))
        > COALESCE((SELECT amount_fen FROM payment_ops WHERE id = NEW.on_op AND person = NEW.person AND kind = 'topup' AND state = 'done'), 0) THEN
        RAISE EXCEPTION 'more would be paid out than was paid ahead';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER payouts_within BEFORE INSERT ON payment_ops FOR EACH ROW EXECUTE FUNCTION payout_within();

-- A payout that has ended stands; its note is of the staff, and may go.
-- +goose StatementBegin
CREATE FUNCTION payout_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.kind = 'payout' AND (OLD.state IN ('done', 'refused', 'cancelled') AND NEW.state <> OLD.state OR NEW.kind <> OLD.kind OR NEW.id <> OLD.id
        OR NEW.person <> OLD.person OR NEW.on_op <> OLD.on_op OR NEW.amount_fen <> OLD.amount_fen) THEN
        RAISE EXCEPTION 'a payout stands';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER payouts_stand BEFORE UPDATE ON payment_ops FOR EACH ROW EXECUTE FUNCTION payout_stands();
