package sqlstore

import (
	"encoding/hex"
	"fmt"

	"allhours/cloud"
	"allhours/protocol"
)

type visits struct{ *session }

const visitFields = `SELECT v.id, v.cabinet, v.compartment, v.purpose, v.person, v.key, v.origin = 'cabinet', v.price_version, v.hold_fen, v.hold_op,
	v.outcome, v.payment, v.code, v.command, v.challenge, v.created_ms, v.sent_ms, v.not_after_ms, v.begun_ms, v.ended_ms,
	v.nonce, v.offline, v.offered_ms, v.offer_ends_ms, v.anew_ms, v.by_name, v.why`

const visitColumns = visitFields + ` FROM visits v`

func readVisit(row scanner) (cloud.VisitRecord, error) {
	var v cloud.VisitRecord
	var challenge, nonce []byte
	err := row.Scan(idColumn{&v.ID}, &v.Cabinet, &v.Compartment, &v.Purpose, idColumn{&v.Person}, &v.Key, &v.Foreign, &v.PriceVersion, &v.Hold,
		idColumn{&v.HoldOp}, &v.Outcome, &v.Payment, &v.Code, idColumn{&v.Command}, hexColumn{&challenge},
		timeColumn{&v.Created}, timeColumn{&v.Sent}, timeColumn{&v.NotAfter}, timeColumn{&v.Begun}, timeColumn{&v.Ended},
		hexColumn{&nonce}, &v.Offline, timeColumn{&v.Offered}, timeColumn{&v.PassEnds}, timeColumn{&v.Anew}, &v.By, &v.Why)
	copy(v.Challenge[:], challenge)
	copy(v.Nonce[:], nonce)
	return v, err
}

// Add implements cloud.VisitTable.
func (t visits) Add(v cloud.VisitRecord) error {
	if v.Key != "" {
		if _, found, err := t.ByKey(v.Person, v.Key); err != nil || found {
			return conflictOr(err, "the key of visit %s is taken", v.ID)
		}
	}
	origin := "cloud"
	if v.Foreign {
		origin = "cabinet"
	}
	_, err := t.exec(`INSERT INTO visits (id, cabinet, compartment, purpose, person, key, origin, price_version, hold_fen, hold_op, outcome, payment,
		code, command, challenge, created_ms, sent_ms, not_after_ms, begun_ms, ended_ms, nonce, offline, by_name, why) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`,
		idText(v.ID), string(v.Cabinet), v.Compartment, uint8(v.Purpose), idText(v.Person), v.Key, origin, v.PriceVersion, int64(v.Hold), idText(v.HoldOp),
		string(v.Outcome), string(v.Payment), string(v.Code), idText(v.Command), hex.EncodeToString(v.Challenge[:]),
		ms(v.Created), ms(v.Sent), ms(v.NotAfter), ms(v.Begun), ms(v.Ended), hex.EncodeToString(v.Nonce[:]), v.Offline, v.By, v.Why)
	if t.dialect.Unique(err) {
		return protocol.Errorf(cloud.CodeCabinetBusy, "door %d of %s: another visit is under way", v.Compartment, v.Cabinet)
	}
	if err != nil {
		return fmt.Errorf("add visit %s: %w", v.ID, err)
	}
	return nil
}

func conflictOr(err error, format string, args ...any) error {
	if err != nil {
		return err
	}
	return protocol.Errorf(cloud.CodeConflict, format, args...)
}

// Find implements cloud.VisitTable.
func (t visits) Find(id protocol.VisitID) (cloud.VisitRecord, error) {
	v, found, err := t.first(visitColumns+` WHERE v.id = ?`, idText(id))
	if err == nil && !found {
		return v, protocol.Errorf(cloud.CodeUnknownVisit, "visit %s is not known", id)
	}
	return v, err
}

// ByKey implements cloud.VisitTable.
func (t visits) ByKey(person protocol.UUID, key string) (cloud.VisitRecord, bool, error) {
	return t.first(visitColumns+` WHERE v.person = ? AND v.key = ? AND v.key <> ''`, idText(person), key)
}

func (t visits) first(query string, args ...any) (cloud.VisitRecord, bool, error) {
	found, err := all(t.session, readVisit, query, args...)
	if err != nil || len(found) == 0 {
		return cloud.VisitRecord{}, false, err
	}
	if err := t.addLines(&found[0]); err != nil {
		return cloud.VisitRecord{}, false, err
	}
	return found[0], true, nil
}

// List implements cloud.VisitTable.
func (t visits) List(q cloud.VisitQuery) ([]cloud.VisitRecord, error) {
	query, args := visitColumns+` WHERE 1 = 1`, []any{}
	narrow := func(use bool, condition string, arg ...any) {
		if use {
			query, args = query+" AND "+condition, append(args, arg...)
		}
	}
	narrow(q.Cabinet != "", `v.cabinet = ?`, string(q.Cabinet))
	narrow(q.Compartment != 0, `v.compartment = ?`, q.Compartment)
	narrow(!q.Person.IsZero(), `v.person = ?`, idText(q.Person))
	narrow(q.Purpose != 0, `v.purpose = ?`, q.Purpose)
	narrow(q.Payment == cloud.PaymentReview, `v.payment = 'review'`)
	narrow(q.Payment != "" && q.Payment != cloud.PaymentReview, `v.payment = ?`, string(q.Payment))
	narrow(q.UnderWay, `v.ended_ms = 0`)
	narrow(!q.From.IsZero(), `v.created_ms >= ?`, ms(q.From))
	narrow(!q.To.IsZero(), `v.created_ms < ?`, ms(q.To))
	narrow(q.Number != "", `substr(v.id, 29) = ?`, q.Number)
	narrow(!q.Before.IsZero(), `(v.created_ms, v.id) < (SELECT b.created_ms, b.id FROM visits b WHERE b.id = ?)`, idText(q.Before))
	query += ` ORDER BY v.created_ms DESC, v.id DESC`
	if q.Limit > 0 {
		query, args = query+` LIMIT ?`, append(args, q.Limit)
	}
	found, err := all(t.session, readVisit, query, args...)
	if err != nil {
		return nil, fmt.Errorf("list visits: %w", err)
	}
	for i := range found {
		if err := t.addLines(&found[i]); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// addLines fills what a visit was billed; the guess of a review is no bill.
func (t visits) addLines(v *cloud.VisitRecord) error {
	if v.Ended.IsZero() {
		return nil
	}
	v.Lines = []cloud.OrderLine{}
	if err := t.givenBack(v); err != nil {
		return err
	}
	order, found, err := orders(t).Find(v.ID)
	if err != nil || !found {
		return err
	}
	if order.Why == "" {
		v.Lines, v.Total = order.Lines, order.Total
		return nil
	}
	decision, decided, err := decisions(t).Find(v.ID)
	if err != nil {
		return err
	}
	v.Asked = order.At
	if decided {
		v.Decided, v.Lines, v.Total = true, decision.Lines, decision.Total
	}
	return nil
}
