package sqlite

import (
	"encoding/hex"
	"fmt"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

type claims struct{ *session }

// Add implements cloud.ClaimTable.
func (t claims) Add(r cloud.ClaimRecord) error {
	if _, err := cabinets(t).Find(r.Cabinet); err != nil {
		return err
	}
	if _, err := t.exec(`INSERT INTO claims (cabinet, code_hash, expires_ms) VALUES (?, ?, ?)
		ON CONFLICT (cabinet) DO UPDATE SET code_hash = excluded.code_hash, expires_ms = excluded.expires_ms, used_ms = 0, device_key = '', journal = ''`,
		string(r.Cabinet), hex.EncodeToString(r.Hash), ms(r.Expires)); err != nil {
		return fmt.Errorf("add claim code of %s: %w", r.Cabinet, err)
	}
	return nil
}

// Find implements cloud.ClaimTable.
func (t claims) Find(hash []byte) (cloud.ClaimRecord, error) {
	r := cloud.ClaimRecord{Hash: hash}
	found, err := t.one(`SELECT cabinet, expires_ms, used_ms, device_key, journal FROM claims WHERE code_hash = ?`, []any{hex.EncodeToString(hash)},
		&r.Cabinet, timeColumn{&r.Expires}, timeColumn{&r.Used}, hexColumn{&r.Key}, idColumn{&r.Journal})
	if err != nil {
		return r, fmt.Errorf("find claim code: %w", err)
	}
	if !found {
		return r, protocol.Errorf(cloud.CodeBadClaim, "no cabinet has such a claim code")
	}
	return r, nil
}

// Use implements cloud.ClaimTable.
func (t claims) Use(cabinet protocol.CabinetID, key []byte, journal protocol.UUID, at time.Time) error {
	changed, err := t.exec(`UPDATE claims SET used_ms = ?, device_key = ?, journal = ? WHERE cabinet = ? AND used_ms = 0`,
		ms(at), hex.EncodeToString(key), idText(journal), string(cabinet))
	return exactlyOne(changed, err, "use claim code of "+string(cabinet))
}
