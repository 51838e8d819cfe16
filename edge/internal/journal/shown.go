package journal

import (
	"database/sql"
	"fmt"

	"allhours/edge"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// risk refuses a visit by a grant that was shown where the chain's limits are reached, and counts it where they are not.
// Residents are counted by what their grants say of time, so that no clock of the cabinet's has a say in it; the cabinet by
// what the cloud has not acknowledged. A visit whose door was never pulled counts for nothing, and nobody buys on a service
// visit.
func risk(tx *sql.Tx, v edge.Visit) error {
	if !v.Offline || v.Purpose == protocol.PurposeService {
		return nil
	}
	cfg, err := configOf(tx)
	if err != nil {
		return err
	}
	if cfg == nil || cfg.Limits.Offline == nil {
		return protocol.Errorf(protocol.CodeUnsupported, "nothing opens here by a grant that is shown")
	}
	if err := riskResident(tx, v, *cfg.Limits.Offline); err != nil {
		return err
	}
	if err := riskCabinet(tx, *cfg.Limits.Offline); err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO shown (visit, subject, not_before, fen, begun) SELECT ?, ?, ?, ?, last + 1 FROM state`,
		v.ID.String(), v.Subject[:], v.NotBefore.UnixMilli(), int64(v.Limit))
	return err
}

const counted = ` FROM shown s JOIN visits v ON v.visit = s.visit WHERE NOT (v.ended = 1 AND v.opened = 0) AND `

func riskResident(tx *sql.Tx, v edge.Visit, l wire.Offline) error {
	var openings int
	var fen protocol.Fen
	at := v.NotBefore.UnixMilli()
	err := tx.QueryRow(`SELECT count(*), coalesce(sum(s.fen), 0)`+counted+`s.subject = ? AND s.not_before > ? AND s.not_before < ?`,
		v.Subject[:], at-l.PerMS, at+l.PerMS).Scan(&openings, &fen)
	switch {
	case err != nil:
		return fmt.Errorf("count a resident's openings: %w", err)
	case openings+1 > l.Openings:
		return protocol.Errorf(protocol.CodeResidentLimit, "%d openings of one resident already, %d are risked", openings, l.Openings)
	case fen+v.Limit > l.Fen:
		return protocol.Errorf(protocol.CodeResidentLimit, "grants of %s and %s of one resident, %s are risked", fen, v.Limit, l.Fen)
	}
	return nil
}

func riskCabinet(tx *sql.Tx, l wire.Offline) error {
	var openings int
	err := tx.QueryRow(`SELECT count(*)` + counted + `s.begun > (SELECT acked FROM state)`).Scan(&openings)
	switch {
	case err != nil:
		return fmt.Errorf("count the openings without a line: %w", err)
	case openings+1 > l.Cabinet:
		return protocol.Errorf(protocol.CodeCabinetLimit, "%d openings that the cloud has not heard of, %d are risked", openings, l.Cabinet)
	}
	return nil
}
