package cloud

import (
	"context"
	"time"

	"allhours/cloud/coverage"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// Bounds of special hours.
const (
	MaxSpecialDays = 62 // of one word
	SpecialBack    = 31 // days: for what nobody said in time
	SpecialShown   = 100
)

// AllDay are the hours of a store that does not shut.
func AllDay() []Hours { return []Hours{{Open: 0, Close: 24 * 60}} }

// SpecialHours are those of some stores on some days that differ from the usual ones. Where several are of one day, the last one
// that was said holds.
type SpecialHours struct {
	ID     protocol.UUID
	Stores []StoreID
	From   ledger.Day
	To     ledger.Day // the last of the days
	Hours  []Hours    // none: closed; a span that ends no later than it begins ends on the next day
	Reason string
	By     string
	Made   time.Time
	Ended  time.Time // when somebody took them back; zero: they hold
	Ender  string
}

// Hold reports whether they are of a day, and nobody took them back.
func (h SpecialHours) Hold(day ledger.Day) bool {
	return h.Ended.IsZero() && h.From <= day && day <= h.To
}

// SpecialDays are the days that special hours hold on; of one day the last that was said. The oldest comes first.
func SpecialDays(all []SpecialHours) map[string][]coverage.Minutes {
	days := make(map[string][]coverage.Minutes)
	for _, h := range all {
		for day := h.From; day <= h.To && h.Ended.IsZero(); day = day.Add(1) {
			days[string(day)] = Minutes(h.Hours)
		}
	}
	return days
}

// Minutes are hours as the rules of coverage see them.
func Minutes(hours []Hours) (all []coverage.Minutes) {
	for _, h := range hours {
		all = append(all, coverage.Minutes{Open: h.Open, Close: h.Close})
	}
	return all
}

// HoursChange is what special hours change of one day of one store.
type HoursChange struct {
	Store  Store
	Day    ledger.Day
	Before []Hours
	After  []Hours
	Told   bool // how the day was served was told already, and will be corrected
}

// StoreHours says when stores are open otherwise than usual. Errors: CodeNotFound for a store or hours that there are not,
// protocol.CodeMalformed for days, hours or a reason that are none, CodeConflict for hours that were taken back already.
type StoreHours interface {
	// Preview is what they would change, by store and day.
	Preview(ctx context.Context, h SpecialHours) ([]HoursChange, error)
	// Set has them hold; ID and Made are given to them.
	Set(ctx context.Context, h SpecialHours) (SpecialHours, error)
	// TakeBack ends them: on each of their days holds what held without them.
	TakeBack(ctx context.Context, id protocol.UUID, by string) error
	// List lists them, the newest first.
	List(ctx context.Context) ([]SpecialHours, error)
	// Today lists those that hold today, by store.
	Today(ctx context.Context) (map[StoreID]SpecialHours, error)
}

// SpecialTable keeps special hours, for ever.
type SpecialTable interface {
	Add(h SpecialHours) error
	// End takes them back; CodeConflict where they were already.
	End(id protocol.UUID, by string, at time.Time) error
	// Find has CodeNotFound.
	Find(id protocol.UUID) (SpecialHours, error)
	// List lists at most so many, the newest first.
	List(limit int) ([]SpecialHours, error)
	// Of lists those that a store ever had, the oldest first. Their stores are left out.
	Of(store StoreID) ([]SpecialHours, error)
	// On lists those that hold on a day, the oldest first.
	On(day ledger.Day) ([]SpecialHours, error)
}
