// Package handover looks whether a cabinet is ready to be left to its residents, and keeps the word of who left it. It
// changes nothing at the cabinet.
package handover

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/presence"
	"allhours/cloud/internal/watch"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// visitsSeen is how much of a cabinet's past is looked at.
const visitsSeen = 200

// Options are what the service stands on; all are needed.
type Options struct {
	DB       cloud.DB
	Presence *presence.Book
	Hub      *watch.Hub
	Now      func() time.Time
	NewID    func() protocol.UUID
}

// Service implements cloud.Handovers.
type Service struct{ Options }

// New makes a service.
func New(o Options) *Service { return &Service{o} }

// facts are what the points are judged by.
type facts struct {
	cabinet   cloud.Cabinet
	presence  cloud.Presence
	state     cloud.CabinetState
	claimed   bool
	visits    []cloud.VisitRecord
	spans     []cloud.Calibration
	incidents []cloud.Incident
}

// Checklist implements cloud.Handovers.
func (s *Service) Checklist(ctx context.Context, cabinet protocol.CabinetID) (list cloud.Checklist, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		f, err := s.look(tx, cabinet)
		if err != nil {
			return err
		}
		list.Points = f.points()
		signed, found, err := tx.Handovers.Latest(cabinet)
		if found {
			list.Signed = &signed
		}
		return err
	})
	return list, err
}

// HandOver implements cloud.Handovers.
func (s *Service) HandOver(ctx context.Context, w cloud.SignHandover) (cloud.Handover, error) {
	h := cloud.Handover{ID: s.NewID(), Cabinet: w.Cabinet, By: w.By, At: s.Now()}
	if w.By == "" {
		return h, protocol.Errorf(protocol.CodeMalformed, "by: want who signs")
	}
	err := s.DB.Update(ctx, func(tx cloud.Tx) error {
		f, err := s.look(tx, w.Cabinet)
		if err != nil {
			return err
		}
		h.Points = f.points()
		if err := sign(h.Points, w); err != nil {
			return err
		}
		return tx.Handovers.Add(h)
	})
	if err == nil {
		s.Hub.FleetChanged()
	}
	return h, err
}

// sign adds a person's ticks and reasons to what the machine sees.
func sign(points []cloud.HandoverPoint, w cloud.SignHandover) error {
	for i := range points {
		p := &points[i]
		if p.Item.ByHand() {
			p.OK = w.Ticks[p.Item]
		}
		if p.OK {
			continue
		}
		if p.Why = strings.TrimSpace(w.Why[p.Item]); p.Why == "" || len(p.Why) > wire.MaxWhy {
			return protocol.Errorf(protocol.CodeMalformed, "%s: it is not right; want a reason of 1 to %d bytes", p.Item, wire.MaxWhy)
		}
	}
	return nil
}

func (s *Service) look(tx cloud.Tx, cabinet protocol.CabinetID) (f facts, err error) {
	if f.cabinet, err = tx.Cabinets.Find(cabinet); err != nil {
		return f, err
	}
	at, err := tx.Inbox.Position(cabinet)
	if err != nil {
		return f, err
	}
	f.claimed = !at.Journal.IsZero()
	since, err := tx.Handovers.Since(cabinet)
	if err != nil {
		return f, err
	}
	if f.visits, err = tx.Visits.List(cloud.VisitQuery{Cabinet: cabinet, Limit: visitsSeen}); err != nil {
		return f, err
	}
	if f.spans, err = tx.Spans.Of(cabinet); err != nil {
		return f, err
	}
	if f.incidents, err = tx.Incidents.Unclosed(cabinet); err != nil {
		return f, err
	}
	// What the box before did says nothing of this one, whose journal knows of no calibration.
	f.visits = slices.DeleteFunc(f.visits, func(v cloud.VisitRecord) bool { return v.Created.Before(since) })
	f.spans = slices.DeleteFunc(f.spans, func(c cloud.Calibration) bool { return c.At.Before(since) })
	f.presence = s.Presence.Of(cabinet)
	f.state = f.presence.State(s.Now(), false)
	return f, nil
}

func (f facts) points() []cloud.HandoverPoint {
	here := f.state != cloud.CabinetAway
	scales, calibrated, locks, cold := f.scales(), f.uncalibrated(), f.untested(), f.warm()
	return []cloud.HandoverPoint{
		{Item: cloud.HandoverClaimed, OK: f.claimed},
		{Item: cloud.HandoverConnected, OK: here},
		{Item: cloud.HandoverApplied, OK: here && f.presence.Applied.Version == f.cabinet.Config},
		{Item: cloud.HandoverScales, OK: here && len(scales) == 0, Lack: scales},
		{Item: cloud.HandoverCalibrated, OK: len(calibrated) == 0, Lack: calibrated},
		{Item: cloud.HandoverLocks, OK: len(locks) == 0, Lack: locks},
		{Item: cloud.HandoverCold, OK: here && len(cold) == 0, Lack: cold},
		{Item: cloud.HandoverPurchase, OK: slices.ContainsFunc(f.visits, bought)},
		{Item: cloud.HandoverSticker},
		{Item: cloud.HandoverStands},
	}
}

// bought reports a purchase whose bill came by itself.
func bought(v cloud.VisitRecord) bool {
	return v.Purpose == protocol.PurposePurchase && v.Outcome == cloud.OutcomeSold && v.Payment == cloud.PaymentCaptured
}

func (f facts) doors() []wire.CompartmentTelemetry {
	if f.presence.Telemetry == nil {
		return nil
	}
	return f.presence.Telemetry.Compartments
}

// scales are the platforms without a weight that can be trusted.
func (f facts) scales() []string {
	sound := map[protocol.PlatformID]bool{}
	for _, c := range f.doors() {
		for _, w := range c.Weights {
			sound[w.Platform] = w.OK
		}
	}
	for _, i := range f.incidents {
		if i.Kind == cloud.IncidentScale {
			sound[protocol.PlatformID(i.Subject)] = false
		}
	}
	return f.platforms(func(id protocol.PlatformID) bool { return !sound[id] })
}

// uncalibrated are the platforms whose span nobody ever set, neither from here nor at the cabinet.
func (f facts) uncalibrated() []string {
	done := map[protocol.PlatformID]bool{}
	for _, c := range f.spans {
		done[c.Platform] = done[c.Platform] || c.Mass > 0
	}
	return f.platforms(func(id protocol.PlatformID) bool { return !done[id] })
}

func (f facts) platforms(lacking func(protocol.PlatformID) bool) (ids []string) {
	for _, p := range f.cabinet.Platforms {
		if lacking(p.ID) {
			ids = append(ids, string(p.ID))
		}
	}
	return ids
}

// untested are the doors that nobody opened for service. A visit that ended was seen open, and seen shut.
func (f facts) untested() (doors []string) {
	left := map[protocol.Compartment]bool{}
	for _, p := range f.cabinet.Platforms {
		left[p.Compartment] = true
	}
	for _, v := range f.visits {
		if v.Outcome == cloud.OutcomeServiced {
			delete(left, v.Compartment)
		}
	}
	for _, c := range slices.Sorted(maps.Keys(left)) {
		doors = append(doors, fmt.Sprint(c))
	}
	return doors
}

// warm are the doors whose air is too warm to sell from, or not known.
func (f facts) warm() (doors []string) {
	for _, c := range f.doors() {
		silent := slices.ContainsFunc(c.Probes, func(p wire.Probe) bool { return p.Fault != "" })
		if silent || c.Why.Warmth() {
			doors = append(doors, fmt.Sprint(c.Compartment))
		}
	}
	return doors
}
