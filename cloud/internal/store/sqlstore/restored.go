package sqlstore

import (
	"fmt"
	"time"
)

type restored struct{ *session }

// askProvider is the setting that says since when a provider is to be asked.
const askProvider = "ask_provider_since"

// restoredAt is the setting that says when the books were restored.
const restoredAt = "restored_ms"

// At implements cloud.RestoredTable.
func (t restored) At() (at time.Time, ever bool, err error) {
	value, err := t.setting(restoredAt)
	return time.UnixMilli(int64(value)).UTC(), value > 0, err
}

// Since implements cloud.RestoredTable.
func (t restored) Since() (since time.Time, ask bool, err error) {
	at, err := t.setting(askProvider)
	return time.UnixMilli(int64(at)).UTC(), at > 0, err
}

// Asked implements cloud.RestoredTable.
func (t restored) Asked() error {
	_, err := t.exec(`UPDATE settings SET value = 0 WHERE name = ?`, askProvider)
	return err
}

// askLater has the books that are restored from these ask what their provider did since: these have nothing that is newer than their
// newest operation. Those that were to ask already ask as far back.
func askLater(source, target *session) error {
	at, err := source.setting(askProvider)
	if err != nil || at > 0 {
		return err
	}
	var newest int64
	if _, err := source.one(`SELECT COALESCE(MAX(created_ms), 0) FROM payment_ops`, nil, &newest); err != nil {
		return fmt.Errorf("newest operation: %w", err)
	}
	_, err = target.exec(`UPDATE settings SET value = ? WHERE name = ?`, max(newest, 1), askProvider)
	return err
}
