package core_test

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/core"
	"allhours/cloud/internal/payment"
	"allhours/cloud/internal/store/sqlite"
	"allhours/cloud/internal/store/sqlstore"
	"allhours/cloud/internal/store/storetest"
	"allhours/protocol"
	"allhours/protocol/grant"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

// bench is a cloud in real time with n cabinets that are ready.
func bench(b *testing.B, n int) (*core.Core, *sqlstore.DB, []topic.Address) {
	b.Helper()
	db, err := sqlite.Open(b.Context(), sqlite.Options{Path: filepath.Join(b.TempDir(), "fleet.db")})
	if err != nil {
		b.Fatal(err)
	}
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		b.Fatal(err)
	}
	provider, err := payment.NewSimulator("", nil)
	if err != nil {
		b.Fatal(err)
	}
	c := core.New(core.Options{DB: db, Publisher: &mail{}, Signer: grant.Signer{KeyID: 1, Key: key}, Provider: provider, Subject: pseudonym})
	plan := storetest.Plan()
	for i := range n {
		cabinet := storetest.Plan().Cabinets[0]
		cabinet.ID = protocol.CabinetID(fmt.Sprintf("b-%d", i))
		plan.Cabinets = append(plan.Cabinets, cabinet)
	}
	if err := c.Apply(b.Context(), plan); err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = c.Run(ctx)
	}()
	b.Cleanup(func() { stop(); <-ended; _ = db.Close() })
	return c, db, ready(b, c, db, n)
}

func ready(b *testing.B, c *core.Core, db cloud.DB, n int) []topic.Address {
	b.Helper()
	var all []topic.Address
	for i := range n {
		id := protocol.CabinetID(fmt.Sprintf("b-%d", i))
		if err := db.Update(b.Context(), func(tx cloud.Tx) error { return tx.Cabinets.Enrol(id, []byte{1}) }); err != nil {
			b.Fatal(err)
		}
		e, err := c.Enrolment(b.Context(), id)
		if err != nil {
			b.Fatal(err)
		}
		at := topic.Address{Shard: e.Shard, Cabinet: id}
		say(b, c, at, topic.Birth, wire.Birth{V: 1, Cabinet: id, Journal: journalOf(i), Conn: protocol.UUID{1}, Challenge: make([]byte, 16), Config: wire.ConfigVersion{FleetEpoch: 1, Version: 1}})
		say(b, c, at, topic.Telemetry, wire.Telemetry{V: 1, Cabinet: id, Compartments: []wire.CompartmentTelemetry{{Compartment: 1, Door: wire.DoorStateShut, Selling: true}}})
		all = append(all, at)
	}
	return all
}

func journalOf(i int) protocol.UUID { return protocol.UUID{1, byte(i >> 8), byte(i), 6: 0x70} }

func say(b *testing.B, c *core.Core, at topic.Address, ch topic.Channel, message any) {
	b.Helper()
	payload, err := wire.Encode(message)
	if err == nil {
		err = c.Handle(b.Context(), at, ch, payload)
	}
	if err != nil {
		b.Error(err)
	}
}

// BenchmarkBegin is the path from the request to the command given to the publisher.
func BenchmarkBegin(b *testing.B) {
	c, _, cabinets := bench(b, 50)
	var took []time.Duration
	b.ResetTimer()
	for i := range b.N {
		at := cabinets[i%len(cabinets)]
		began := time.Now()
		v, err := c.Visits.Begin(b.Context(), cloud.BeginVisit{Person: journalOf(i), Cabinet: at.Cabinet})
		took = append(took, time.Since(began))
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		batch := []wire.Event{benchEvent(at, uint64(i/len(cabinets)*2+1), i%len(cabinets), begun(v.ID)), benchEvent(at, uint64(i/len(cabinets)*2+2), i%len(cabinets), wire.AbortedBody{Visit: v.ID, Code: protocol.CodeNotPulled})}
		say(b, c, at, topic.Event, batch)
		b.StartTimer()
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
}

func benchEvent(at topic.Address, seq uint64, cabinet int, body wire.Body) wire.Event {
	raw, _ := wire.Encode(body)
	return wire.Event{V: 1, Cabinet: at.Cabinet, Journal: journalOf(cabinet), Seq: seq, Boot: 1, At: time.Now().UnixMilli(), Clock: true, Type: body.Type(), Body: raw}
}
