package server

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/payment"
	"allhours/cloud/internal/store/sqlite/crowd"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// statedCrowd is a chain whose provider states two hundred thousand captures for five weeks.
func statedCrowd() crowd.Size {
	return crowd.Size{Stores: 30, Cabinets: 300, Articles: 20, Days: 34, Events: 204_000}
}

const (
	statedLines = 200_000
	doorEvery   = 20 * time.Millisecond
)

// BenchmarkStatement takes in a provider's statement while doors are asked for: it measures how long each waits until its visit and
// its hold are written, beside the same without a statement.
func BenchmarkStatement(b *testing.B) {
	for range b.N {
		data, size := b.TempDir(), statedCrowd()
		midnight := midnightOf(b, data)
		fillOnce(b, data, size, midnight)
		syscall.Sync() // The disk is done with the filling before anybody waits for it.
		s, err := New(b.Context(), Options{Data: data, Demo: true, Now: func() time.Time { return midnight.Add(10 * time.Minute) }, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			b.Fatal(err)
		}
		file := statedFile(b, size, midnight)
		alone := doorsUntil(b, s, midnight, 1, func() { time.Sleep(5 * time.Second) })
		began := time.Now()
		during := doorsUntil(b, s, midnight, 2, func() {
			done, bad, err := s.core.Stated.Import(context.Background(), cloud.StatementFile{
				By: "owner", Name: "bench.csv", First: ledger.DayOf(midnight.AddDate(0, 0, -size.Days), midnight.Location()),
				Last: ledger.DayOf(midnight.AddDate(0, 0, -1), midnight.Location()), Text: bytes.NewReader(file),
			})
			if err != nil || len(bad) > 0 || done.Added != statedLines {
				b.Errorf("import: %+v %v %v", done, bad, err)
			}
		})
		b.ReportMetric(time.Since(began).Seconds(), "import-s")
		b.ReportMetric(percentile(during, 99), "door-ms")
		b.ReportMetric(percentile(during, 100), "longest-ms")
		b.ReportMetric(percentile(alone, 99), "alone-ms")
		b.ReportMetric(float64(len(during)), "doors")
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// statedFile is a statement of what the crowd captured.
func statedFile(b *testing.B, size crowd.Size, midnight time.Time) []byte {
	b.Helper()
	first, each := midnight.AddDate(0, 0, -size.Days), size.Cabinets*size.Articles
	lines := make([]payment.StatementLine, statedLines)
	for n := range lines {
		lines[n] = payment.StatementLine{
			At: first.AddDate(0, 0, n/each).Add(time.Duration(n%each) * 10 * time.Second), Kind: payment.LineCapture, Order: fmt.Sprintf("01900002000070008000%012x", n),
			Amount: 400, Fee: 2, Merchant: payment.SimulatorMerchant, Currency: payment.Currency,
		}
	}
	var file bytes.Buffer
	if err := payment.WriteStatement(&file, lines); err != nil {
		b.Fatal(err)
	}
	return file.Bytes()
}

// doorsUntil begins to write a visit every so often while work goes on, whatever became of those before, and gives what each took in
// milliseconds.
func doorsUntil(b *testing.B, s *Server, at time.Time, run byte, work func()) (took []float64) {
	b.Helper()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		work()
	}()
	every := time.NewTicker(doorEvery)
	defer every.Stop()
	var mu sync.Mutex
	var doors sync.WaitGroup
	for n := 0; ; n++ {
		select {
		case <-ended:
			doors.Wait()
			return took
		case <-every.C:
		}
		doors.Go(func() {
			began := time.Now()
			if err := writeDoor(s, at, run, n); err != nil {
				b.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			took = append(took, time.Since(began).Seconds()*1000)
		})
	}
}

func writeDoor(s *Server, at time.Time, run byte, n int) error {
	id := func(kind byte) protocol.UUID {
		return protocol.UUID{0: kind, 1: run, 6: 0x70, 8: 0x80, 13: byte(n >> 16), 14: byte(n >> 8), 15: byte(n)}
	}
	return s.Admin().db.Update(context.Background(), func(tx cloud.Tx) error {
		v := cloud.VisitRecord{HoldOp: id(0xF1), Visit: cloud.Visit{
			ID: id(0xF0), Cabinet: "c-1", Compartment: 1, Purpose: protocol.PurposePurchase, Person: id(0xF2), Hold: 5000, Payment: cloud.PaymentNone,
			Outcome: cloud.OutcomeAborted, Created: at, Ended: at,
		}}
		if err := tx.Visits.Add(v); err != nil {
			return err
		}
		return tx.Ops.Add(cloud.PaymentOp{ID: v.HoldOp, Visit: v.ID, Person: v.Person, Kind: cloud.OpHold, Amount: 5000, Provider: payment.SimulatorName, State: cloud.OpRefused, Created: at})
	})
}

func percentile(took []float64, p int) float64 {
	if len(took) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(took))
	return sorted[max(0, (len(sorted)*p+99)/100-1)]
}
