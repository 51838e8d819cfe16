package journal

import (
	"database/sql"
	"fmt"

	"allhours/edge"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// risk refuses a visit by a grant that was shown where the chain's limits are reached, and counts it where they are not.
// People are counted by what their grants say of time, so that no clock of the cabinet's has a say in it; the cabinet by
// what the cloud has not acknowledged. A visit whose door was never pulled counts for nothing, and neither does one that
// nobody's grant was shown for: a technician's by the device's own claim.
func risk(tx *sql.Tx, v edge.Visit) error {
	if !v.Offline || v.Subject.IsZero() {
		return nil
	}
	cfg, err := configOf(tx)
	if err != nil {
		return err
	}
	if cfg == nil || cfg.Limits.Offline == nil {
		return protocol.Errorf(protocol.CodeUnsupported, "nothing opens here by a grant that is shown")
	}
	if err := riskPerson(tx, v, *cfg.Limits.Offline); err != nil {
		return err
	}
	if v.Purpose == protocol.PurposePurchase {
		if err := riskCabinet(tx, *cfg.Limits.Offline); err != nil {
			return err
		}
	}
	_, err = tx.Exec(`INSERT INTO shown (visit, subject, not_before, fen, begun) SELECT ?, ?, ?, ?, last + 1 FROM state`,
		v.ID.String(), v.Subject[:], v.NotBefore.UnixMilli(), int64(v.Limit))
	return err
}

const counted = ` FROM shown s JOIN visits v ON v.visit = s.visit WHERE NOT (v.ended = 1 AND v.opened = 0) AND `

// riskPerson counts a resident's openings and what they are for; those of a technician, who buys nothing, by their number.
func riskPerson(tx *sql.Tx, v edge.Visit, l wire.Offline) error {
	most := l.Openings
	if v.Purpose == protocol.PurposeService {
		most = l.Service
	}
	var openings int
	var fen protocol.Fen
	at := v.NotBefore.UnixMilli()
	err := tx.QueryRow(`SELECT count(*), coalesce(sum(s.fen), 0)`+counted+`s.subject = ? AND s.not_before > ? AND s.not_before < ?`,
		v.Subject[:], at-l.PerMS, at+l.PerMS).Scan(&openings, &fen)
	switch {
	case err != nil:
		return fmt.Errorf("count a person's openings: %w", err)
	case openings+1 > most:
		return protocol.Errorf(protocol.CodeResidentLimit, "%d openings of one person already, %d are risked", openings, most)
	case fen+v.Limit > l.Fen:
		return protocol.Errorf(protocol.CodeResidentLimit, "grants of %s and %s of one resident, %s are risked", fen, v.Limit, l.Fen)
	}
	return nil
}

func riskCabinet(tx *sql.Tx, l wire.Offline) error {
	var openings int
	err := tx.QueryRow(`SELECT count(*)`+counted+`s.begun > (SELECT acked FROM state) AND json_extract(v.record, '$.Purpose') = ?`,
		protocol.PurposePurchase.String()).Scan(&openings)
	switch {
	case err != nil:
		return fmt.Errorf("count the openings without a line: %w", err)
	case openings+1 > l.Cabinet:
		return protocol.Errorf(protocol.CodeCabinetLimit, "%d openings that the cloud has not heard of, %d are risked", openings, l.Cabinet)
	}
	return nil
}
