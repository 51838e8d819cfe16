package served

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"allhours/cloud"
	"allhours/cloud/coverage"
	"allhours/protocol"
)

// Event implements cloud.Coverage.
func (s *Service) Event(ctx context.Context, store cloud.StoreID, ref string) (of cloud.CoverageEvent, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		of, err = s.event(tx, store, ref)
		return err
	})
	if err != nil {
		return of, fmt.Errorf("event of %s: %w", store, err)
	}
	return of, nil
}

func (s *Service) event(tx cloud.Tx, store cloud.StoreID, ref string) (of cloud.CoverageEvent, err error) {
	none := protocol.Errorf(cloud.CodeNotFound, "there is no such event")
	if kind, _, _ := strings.Cut(ref, ":"); kind == string(coverage.Service) || kind == string(coverage.Payment) {
		return s.ownFact(tx, store, ref)
	}
	parts := strings.Split(strings.TrimPrefix(ref, "event:"), "/")
	if len(parts) != 3 || !strings.HasPrefix(ref, "event:") {
		return of, none
	}
	of.Cabinet = protocol.CabinetID(parts[0])
	var journal protocol.UUID
	if journal.UnmarshalText([]byte(parts[1])) != nil {
		return of, none
	}
	if of.Seq, err = strconv.ParseUint(parts[2], 10, 63); err != nil {
		return of, none
	}
	stays, err := tx.Stays.Of(of.Cabinet)
	if err != nil {
		return of, err
	}
	if !slices.ContainsFunc(stays, func(stay cloud.Stay) bool { return stay.Store == store }) {
		return of, none
	}
	e, found, err := tx.Inbox.Next(of.Cabinet, journal, of.Seq)
	if err != nil {
		return of, err
	}
	if !found {
		return of, none
	}
	if of.Store, err = findStore(tx, store); err != nil {
		return of, err
	}
	if of.Zone, err = s.Book.Zone(tx); err != nil {
		return of, err
	}
	of.At = time.UnixMilli(e.At).UTC()
	text, err := json.MarshalIndent(e, "", "  ")
	of.Text = string(text)
	return of, err
}

// ownFact is what the cloud wrote of itself: that it was down, or could not take money.
func (s *Service) ownFact(tx cloud.Tx, store cloud.StoreID, ref string) (of cloud.CoverageEvent, err error) {
	facts, err := tx.CoverageFacts.Of("", time.Time{})
	if err != nil {
		return of, err
	}
	i := slices.IndexFunc(facts, func(f coverage.Fact) bool { return f.Ref == ref })
	if i < 0 {
		return of, protocol.Errorf(cloud.CodeNotFound, "there is no such fact")
	}
	if of.Store, err = findStore(tx, store); err != nil {
		return of, err
	}
	if of.Zone, err = s.Book.Zone(tx); err != nil {
		return of, err
	}
	of.At = time.UnixMilli(facts[i].Made).UTC()
	text, err := json.MarshalIndent(facts[i], "", "  ")
	of.Text = string(text)
	return of, err
}
