package sim

import (
	"context"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"allhours/cloud"
	"allhours/cloud/server"
	"allhours/firmware-sim/cabinet"
	"allhours/firmware-sim/physics"
	"allhours/protocol"
)

// restore puts a service that knows only a backup in the place of the one that ran.
func (s *service) restore(backup string) {
	s.t.Helper()
	s.stop()
	synctest.Wait()
	s.mu.Lock()
	before := s.data
	s.lives++
	s.data = filepath.Join(s.dir, "restored")
	s.mu.Unlock()
	copyFolder(s.t, filepath.Join(before, "keys"), filepath.Join(s.folder(), "keys"))
	if err := server.Restore(context.Background(), s.folder(), "", backup, func(string, int) {}); err != nil {
		s.t.Fatal(err)
	}
	s.start()
}

// decides a review by its likeliest story.
func (p *scene) decides(id protocol.VisitID) {
	p.t.Helper()
	p.becomes(id, cloud.StateReview)
	if _, err := ask(p.service, func(s *server.Server) (cloud.Visit, error) {
		return s.Visits().Decide(context.Background(), cloud.DecideReview{Visit: id, By: "li", Story: 0})
	}); err != nil {
		p.t.Fatalf("decide %s: %v", id, err)
	}
}

// TestYesterdaysBackupUnderALiveFleetChargesNobodyTwice restores books that lack the end of one visit and all of others: the
// cabinet sends again what is missing, and the payment provider knows more than the books do.
func TestYesterdaysBackupUnderALiveFleetChargesNobodyTwice(t *testing.T) {
	play(t, settings{}, func(t *testing.T, p *scene) {
		known := p.begins()
		p.does(pull(), take("S1", "1002", 1), shut())
		p.bills(known, map[protocol.SKU]int{"1002": 1})
		half := p.begins()
		p.does(pull(), take("S2", "1003", 1))
		backup := filepath.Join(p.dir, "yesterday.db")
		if err := p.service.up().server.Admin().Backup(context.Background(), backup, func(string, int) {}); err != nil {
			t.Fatal(err)
		}
		p.does(shut())
		p.bills(half, map[protocol.SKU]int{"1003": 1})
		time.Sleep(5 * time.Second)
		later := p.begins()
		p.does(pull(), take("S1", "1001", 2), shut())
		p.bills(later, map[protocol.SKU]int{"1001": 2})
		time.Sleep(5 * time.Second)
		nothing := p.begins()
		p.does(pull(), shut())
		p.becomes(nothing, cloud.StateNothingTaken)
		time.Sleep(5 * time.Second)
		left := p.begins()
		time.Sleep(time.Minute) // Nobody pulls.

		p.service.restore(backup)
		p.forgive(cloud.IncidentUnknownVisit) // They are told of.
		p.bills(half, map[protocol.SKU]int{"1003": 1})
		p.decides(later)
		p.bills(later, map[protocol.SKU]int{"1001": 2})
		p.decides(nothing)
		p.becomes(nothing, cloud.StateNothingTaken)
		p.becomes(left, cloud.StateAborted)
		p.sellsAgain()
	})
}

// TestACaseThatWasDecidedAfterABackupIsDecidedAgainAndChargedOnce restores books that have a case which a person decided since: the
// provider has its money, and no time waives it.
func TestACaseThatWasDecidedAfterABackupIsDecidedAgainAndChargedOnce(t *testing.T) {
	built, err := cabinet.New(shelves("xs-01", 1), nil)
	if err != nil {
		t.Fatal(err)
	}
	kept := built.State()
	kept.Hands = []physics.Unit{{SKU: "umbrella", Grams: 743}}
	play(t, settings{kept: map[protocol.CabinetID]*physics.State{"xs-01": &kept}}, func(t *testing.T, p *scene) {
		id := p.begins()
		p.does(pull(), take("S2", "1003", 1), put("S1", "umbrella", 1), shut())
		p.becomes(id, cloud.StateReview)
		backup := filepath.Join(p.dir, "yesterday.db")
		if err := p.service.up().server.Admin().Backup(context.Background(), backup, func(string, int) {}); err != nil {
			t.Fatal(err)
		}
		p.decides(id)
		p.bills(id, map[protocol.SKU]int{"1003": 1})
		time.Sleep(5 * time.Second)

		p.service.restore(backup)
		p.becomes(id, cloud.StateReview)
		time.Sleep(2 * time.Minute)
		if n := p.incident(cloud.IncidentPaymentMismatch); n != 1 {
			t.Errorf("%d incidents tell of what the provider took", n)
		}
		p.forgive(cloud.IncidentPaymentMismatch)
		if _, err := ask(p.service, func(s *server.Server) (cloud.Visit, error) {
			return s.Visits().Decide(context.Background(), cloud.DecideReview{Visit: id, By: "li", Waive: true})
		}); protocol.CodeOf(err) != cloud.CodeTakenBefore {
			t.Errorf("it was waived: %v", err)
		}
		p.decides(id)
		p.bills(id, map[protocol.SKU]int{"1003": 1})
		time.Sleep(5 * time.Second)
		fetched := p.begins()
		p.does(pull(), take("S1", "umbrella", 1), shut())
		p.becomes(fetched, cloud.StateReview)
	})
}
