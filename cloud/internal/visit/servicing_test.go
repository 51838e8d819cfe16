package visit

import (
	"bytes"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/presence"
	"allhours/protocol"
	"allhours/protocol/grant"
	"allhours/protocol/wire"
)

// The tables of one cabinet; its visits are asked for just when something else happens.
type (
	oneCabinet struct{ cloud.Cabinets }
	anyChain   struct{ cloud.Plans }
	anyPrices  struct{ cloud.Prices }
	soundCard  struct{ cloud.Inbox }
	noVisits   struct {
		cloud.VisitTable
		meanwhile func()
	}
	everyStep struct{ cloud.VisitSteps }
	noHalts   struct{ cloud.Halts }
)

func (oneCabinet) Find(id protocol.CabinetID) (cloud.Cabinet, error) {
	return cloud.Cabinet{ID: id, Platforms: []cloud.Platform{{ID: "S1", Compartment: 1}}}, nil
}

func (anyChain) Chain() (cloud.Chain, error) { return cloud.Chain{}, nil }

func (anyPrices) Current() (uint32, error) { return 1, nil }

func (anyPrices) In(protocol.CabinetID) (uint32, error) { return 1, nil }

func (soundCard) Position(protocol.CabinetID) (cloud.Position, error) { return cloud.Position{}, nil }

func (noHalts) InForce(protocol.CabinetID) ([]cloud.Halt, error) { return nil, nil }

func (noVisits) Add(cloud.VisitRecord) error { return nil }

func (n noVisits) List(cloud.VisitQuery) ([]cloud.VisitRecord, error) {
	n.meanwhile()
	return nil, nil
}

func (everyStep) Send(protocol.VisitID, protocol.UUID, grant.Token, time.Time, time.Time) error {
	return nil
}

// TestACabinetMayConnectAnewWhileItsDoorIsAskedFor: of the new connection nothing is known yet, and the grant is for the one
// that the door was seen shut over.
func TestACabinetMayConnectAnewWhileItsDoorIsAskedFor(t *testing.T) {
	now := time.Date(2026, 11, 20, 23, 0, 0, 0, time.UTC)
	book, before := presence.New(), grant.Token{1}
	born := func(conn byte) {
		if err := book.Birth(wire.Birth{Cabinet: "xs-01", Conn: protocol.UUID{conn}, Challenge: append([]byte{conn}, make([]byte, 15)...)}, now); err != nil {
			t.Fatal(err)
		}
	}
	born(1)
	book.Telemetry(wire.Telemetry{Cabinet: "xs-01", Compartments: []wire.CompartmentTelemetry{{Compartment: 1, Door: wire.DoorStateShut}}}, now)
	s := New(Options{
		Presence: book, Now: func() time.Time { return now }, NewID: func() protocol.UUID { return protocol.UUID{9} },
		Random: bytes.NewReader(make([]byte, 16)),
	})
	tx := cloud.Tx{
		Cabinets: oneCabinet{}, Plans: anyChain{}, Prices: anyPrices{}, Inbox: soundCard{}, Halts: noHalts{}, Steps: everyStep{},
		Visits: noVisits{meanwhile: func() { born(2) }},
	}
	o := opening{}
	err := s.serve(tx, cloud.ServiceVisit{Cabinet: "xs-01", Compartment: 1, By: "Chen Jun", Why: "x"}, protocol.PurposeService, &o)
	if err != nil || o.visit.Challenge != before {
		t.Errorf("the grant is for %v, %v", o.visit.Challenge, err)
	}
}
