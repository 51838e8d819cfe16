package served

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"allhours/cloud"
	"allhours/cloud/coverage"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// Preview implements cloud.StoreHours.
func (s *Service) Preview(ctx context.Context, h cloud.SpecialHours) (all []cloud.HoursChange, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		all, err = s.preview(tx, &h)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("special hours: %w", err)
	}
	return all, nil
}

// Set implements cloud.StoreHours. How days that were told already were served is corrected in the same transaction.
func (s *Service) Set(ctx context.Context, h cloud.SpecialHours) (cloud.SpecialHours, error) {
	err := s.DB.Update(ctx, func(tx cloud.Tx) error {
		if _, err := s.preview(tx, &h); err != nil {
			return err
		}
		h.ID, h.Made = s.NewID(), s.Now()
		if err := tx.Special.Add(h); err != nil {
			return err
		}
		return s.retell(tx, h)
	})
	if err != nil {
		return h, fmt.Errorf("special hours: %w", err)
	}
	return h, nil
}

// TakeBack implements cloud.StoreHours.
func (s *Service) TakeBack(ctx context.Context, id protocol.UUID, by string) error {
	err := s.DB.Update(ctx, func(tx cloud.Tx) error {
		h, err := tx.Special.Find(id)
		if err != nil {
			return err
		}
		if err := tx.Special.End(id, by, s.Now()); err != nil {
			return err
		}
		return s.retell(tx, h)
	})
	if err != nil {
		return fmt.Errorf("take special hours back: %w", err)
	}
	return nil
}

// List implements cloud.StoreHours.
func (s *Service) List(ctx context.Context) (all []cloud.SpecialHours, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		all, err = tx.Special.List(cloud.SpecialShown)
		return err
	})
	return all, err
}

// Today implements cloud.StoreHours.
func (s *Service) Today(ctx context.Context) (map[cloud.StoreID]cloud.SpecialHours, error) {
	today := make(map[cloud.StoreID]cloud.SpecialHours)
	err := s.DB.View(ctx, func(tx cloud.Tx) error {
		zone, err := s.Book.Zone(tx)
		if err != nil {
			return err
		}
		found, err := tx.Special.On(ledger.DayOf(s.Now(), zone))
		for _, h := range found {
			for _, store := range h.Stores {
				today[store] = h
			}
		}
		return err
	})
	return today, err
}

// preview checks what somebody says of stores' hours, and tells what it changes.
func (s *Service) preview(tx cloud.Tx, h *cloud.SpecialHours) (all []cloud.HoursChange, err error) {
	zone, err := s.Book.Zone(tx)
	if err != nil {
		return nil, err
	}
	if err := checkSpecial(h, ledger.DayOf(s.Now(), zone)); err != nil {
		return nil, err
	}
	for _, id := range h.Stores {
		store, err := findStore(tx, id)
		if err != nil {
			return nil, err
		}
		l, err := readLaw(tx, store, zone)
		if err != nil {
			return nil, err
		}
		told, err := tx.CoverageDays.Told(id, h.From, h.To)
		if err != nil {
			return nil, err
		}
		for day := h.From; day <= h.To; day = day.Add(1) {
			all = append(all, cloud.HoursChange{
				Store: store, Day: day, Before: l.hoursOn(day), After: h.Hours,
				Told: slices.ContainsFunc(told, func(d cloud.CoverageDay) bool { return d.Day == day }),
			})
		}
	}
	return all, nil
}

// maxReason is how long a reason is, in bytes.
const maxReason = 200

// checkSpecial refuses what are no hours, and puts them in order.
func checkSpecial(h *cloud.SpecialHours, today ledger.Day) error {
	h.Reason = strings.TrimSpace(h.Reason)
	switch {
	case h.Reason == "" || len(h.Reason) > maxReason || h.By == "":
		return protocol.Errorf(protocol.CodeMalformed, "reason: want one of %d bytes at most, and who says it", maxReason)
	case len(h.Stores) == 0:
		return protocol.Errorf(protocol.CodeMalformed, "stores: want at least one")
	case !h.From.Valid() || !h.To.Valid() || h.To < h.From || h.From.Until(h.To) >= cloud.MaxSpecialDays:
		return protocol.Errorf(protocol.CodeMalformed, "days: want two as 2006-01-02, and %d days at most", cloud.MaxSpecialDays)
	case h.From < today.Add(-cloud.SpecialBack):
		return protocol.Errorf(protocol.CodeMalformed, "days: want none that is more than %d days ago", cloud.SpecialBack)
	}
	if h.Hours == nil {
		h.Hours = []cloud.Hours{}
	}
	for _, o := range h.Hours {
		if o.Open < 0 || o.Open >= 24*60 || o.Close < 0 || o.Close > 24*60 || o.Open == o.Close {
			return protocol.Errorf(protocol.CodeMalformed, "hours: want minutes of a day, and an end that is not the beginning")
		}
	}
	slices.SortFunc(h.Hours, func(a, b cloud.Hours) int { return cmp.Compare(a.Open, b.Open) })
	slices.Sort(h.Stores)
	h.Stores = slices.Compact(h.Stores)
	return nil
}

// hoursOn are those of a day by everything that was said of it so far.
func (l law) hoursOn(day ledger.Day) []cloud.Hours {
	spans, special := l.calendar.Special[string(day)]
	if !special {
		begins, _ := day.Span(l.calendar.Zone)
		for _, usual := range l.calendar.Usual {
			if usual.From <= begins.UnixMilli() || spans == nil {
				spans = usual.Spans
			}
		}
	}
	hours := make([]cloud.Hours, 0, len(spans))
	for _, m := range spans {
		hours = append(hours, cloud.Hours{Open: m.Open, Close: m.Close})
	}
	return hours
}

// retell corrects the days that were told and are served otherwise by what was said of their hours.
func (s *Service) retell(tx cloud.Tx, h cloud.SpecialHours) error {
	word := coverage.Fact{Ref: "hours:" + h.ID.String(), Kind: coverage.Opened, At: s.Now().UnixMilli(), Made: s.Now().UnixMilli()}
	for _, store := range h.Stores {
		// Hours over midnight change the day after, too.
		if err := s.correctStore(tx, store, word, h.From, h.To.Add(1)); err != nil {
			return err
		}
	}
	return nil
}

var _ cloud.StoreHours = (*Service)(nil)
