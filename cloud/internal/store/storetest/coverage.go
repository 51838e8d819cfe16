package storetest

import (
	"errors"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/coverage"
	"allhours/protocol"
)

func coverageFactsKept(t *testing.T, db cloud.DB) {
	planned(t, db)
	at := func(minutes int64) int64 { return now.UnixMilli() + minutes*60_000 }
	first := coverage.Fact{Ref: "event:1", Seq: 1, Cabinet: "xs-01", Kind: coverage.Stock, Subject: "S1/1001", At: at(-90), Value: 8, Made: at(-90)}
	empty := coverage.Fact{Ref: "event:2", Seq: 2, Cabinet: "xs-01", Kind: coverage.Stock, Subject: "S1/1001", At: at(-60), Made: at(5)}
	stop := coverage.Fact{Ref: "event:2", Seq: 2, Cabinet: "xs-01", Kind: coverage.Sale, Subject: "1", At: at(0), Value: 1, Code: "too_warm", Made: at(5)}
	down := coverage.Fact{Ref: "service:1", Kind: coverage.Service, From: at(-30), At: at(-20), Made: at(-20)}
	another := empty
	another.Value = 7
	update(t, db, func(tx cloud.Tx) error {
		return errors.Join(tx.CoverageFacts.Add([]coverage.Fact{stop, first, empty, down}), tx.CoverageFacts.Add([]coverage.Fact{another}))
	})
	view(t, db, func(tx cloud.Tx) error {
		all, err := tx.CoverageFacts.Of("xs-01", now.Add(-2*time.Hour))
		same(t, all, []coverage.Fact{first, empty, stop})
		last, err2 := tx.CoverageFacts.Of("xs-01", now)
		same(t, last, []coverage.Fact{empty, stop})
		chain, err3 := tx.CoverageFacts.Of("", now.Add(-time.Hour))
		same(t, chain, []coverage.Fact{down})
		some, number, err4 := tx.CoverageFacts.After(0, 3)
		same(t, some, []coverage.Fact{stop, first, empty})
		rest, _, err5 := tx.CoverageFacts.After(number, 3)
		same(t, rest, []coverage.Fact{down})
		newest, found, err6 := tx.CoverageFacts.Newest("xs-01", coverage.Stock, "S1/1001")
		same(t, newest, empty)
		same(t, found, true)
		_, found, err7 := tx.CoverageFacts.Newest("xs-01", coverage.Stock, "S1/9")
		same(t, found, false)
		return errors.Join(err, err2, err3, err4, err5, err6, err7)
	})
}

func coverageHeard(t *testing.T, db cloud.DB) {
	planned(t, db)
	heard := func(want time.Time) {
		t.Helper()
		view(t, db, func(tx cloud.Tx) error {
			all, err := tx.CoverageFacts.Heard("north", now.Add(-time.Hour), now)
			same(t, all, map[protocol.CabinetID]time.Time{"xs-01": want})
			return err
		})
	}
	heard(time.Time{})
	update(t, db, func(tx cloud.Tx) error {
		return tx.CoverageFacts.Add([]coverage.Fact{{Ref: "card:1", Cabinet: "xs-01", Kind: coverage.End, From: now.UnixMilli(), At: now.UnixMilli() + 1}})
	})
	heard(now)
	later := now.Add(time.Hour)
	update(t, db, func(tx cloud.Tx) error {
		return tx.Inbox.Move("xs-01", cloud.Position{Journal: id(9), Applied: 1, Seen: 1, Placed: later})
	})
	heard(later)
}

func coverageDaysTold(t *testing.T, db cloud.DB) {
	day := cloud.CoverageDay{
		Store: "north", Day: "2026-11-20", Sum: coverage.Sum{Open: 1, Covered: 2, Uncovered: 3, Unknown: 4}, Lost: 5, Blind: 3,
		Pieces: []cloud.ToldPiece{{Span: coverage.Span{From: 1, To: 2}, State: coverage.Covered}}, Made: now,
	}
	better := day
	better.Sum, better.Blind, better.Made = coverage.Sum{Covered: 8, Uncovered: 2}, 2, now.Add(time.Hour)
	correction := cloud.CoverageCorrection{
		Store: "north", Day: day.Day, At: better.Made, Before: day.Sum, After: better.Sum, From: now.Add(-time.Hour), To: now, Ref: "event:7", Kind: coverage.Late, Cabinet: "xs-01",
	}
	rule := cloud.CoverageRule{Store: "north", Kind: cloud.RuleNeeds, From: now, Body: []byte(`["dairy"]`), By: "manager", Made: now}
	shared := cloud.CoverageRule{Kind: cloud.RuleCodes, Body: []byte("true"), Made: now}
	update(t, db, func(tx cloud.Tx) error {
		return errors.Join(tx.CoverageDays.Tell(day), tx.CoverageRules.AddRule(rule), tx.CoverageRules.AddRule(shared),
			tx.CoverageRules.AddRule(cloud.CoverageRule{Store: "south", Kind: cloud.RuleHours, Body: []byte("[]"), Made: now}),
			tx.CoverageMarks.SetMark(cloud.MarkRead, 3), tx.CoverageMarks.SetMark(cloud.MarkRead, 4),
			tx.CoverageHeads.SaveHead("xs-01", cloud.CoverageHead{At: 3}), tx.CoverageHeads.SaveHead("xs-01", cloud.CoverageHead{At: 4, Lanes: map[string]bool{"S1/1001": true}}))
	})
	update(t, db, func(tx cloud.Tx) error { return tx.CoverageDays.Correct(better, correction) })
	view(t, db, func(tx cloud.Tx) error {
		told, err := tx.CoverageDays.Told("north", "2026-11-19", "2026-11-20")
		same(t, told, []cloud.CoverageDay{better})
		none, err2 := tx.CoverageDays.Told("north", "2026-11-21", "2026-11-22")
		same(t, none, []cloud.CoverageDay{})
		corrections, err3 := tx.CoverageDays.Corrections("north", "2026-11-20", "2026-11-20", 5)
		same(t, corrections, []cloud.CoverageCorrection{correction})
		rules, err4 := tx.CoverageRules.Rules("north")
		same(t, rules, []cloud.CoverageRule{rule, shared})
		mark, err5 := tx.CoverageMarks.Mark(cloud.MarkRead)
		same(t, mark, int64(4))
		unset, err6 := tx.CoverageMarks.Mark(cloud.MarkBeat)
		same(t, unset, int64(0))
		head, err7 := tx.CoverageHeads.Head("xs-01")
		same(t, head, cloud.CoverageHead{At: 4, Lanes: map[string]bool{"S1/1001": true}})
		return errors.Join(err, err2, err3, err4, err5, err6, err7)
	})
}
