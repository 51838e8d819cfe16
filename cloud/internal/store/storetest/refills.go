package storetest

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/picking"
	"allhours/protocol"
)

func photosKept(t *testing.T, db cloud.DB) {
	planned(t, db)
	photo := func(n byte, round protocol.UUID, key, sum string) cloud.RoundPhoto {
		return cloud.RoundPhoto{
			ID: id(n), Round: round, Store: "north", Day: "2026-11-21", Place: picking.Place{Cabinet: "xs-01", Platform: "S1", SKU: "1001"},
			At: now.Add(time.Duration(n) * time.Second), Person: id(60), By: "wang", Key: key, Sum: sum,
		}
	}
	one, same2, third := photo(1, id(80), "p1", "aa"), photo(2, id(80), "p2", "aa"), photo(3, id(81), "p1", "bb")
	third.Day, third.SKU, third.Cabinet = "2026-11-23", "1003", "xs-02"
	picture := []byte{0xff, 0xd8, 0, 1, 2}
	update(t, db, func(tx cloud.Tx) error {
		return errors.Join(tx.Rounds.Add(someRound(80, "")), tx.Rounds.Add(someRound(81, "")), tx.Photos.Add(one, picture), tx.Photos.Add(same2, picture), tx.Photos.Add(third, picture[:2]))
	})
	refused(t, db, cloud.CodeConflict, func(tx cloud.Tx) error { return tx.Photos.Add(photo(4, id(80), "p1", "cc"), picture) })
	view(t, db, func(tx cloud.Tx) error {
		kept, found, err := tx.Photos.Picture("aa")
		_, none, err2 := tx.Photos.Picture("cc")
		if !found || none || !bytes.Equal(kept, picture) {
			t.Errorf("picture %v, %v; of another %v", kept, found, none)
		}
		byKey, known, err3 := tx.Photos.ByKey(id(80), "p2")
		same(t, byKey, same2)
		if _, unknown, err := tx.Photos.ByKey(id(80), "p9"); !known || unknown || err != nil {
			t.Errorf("by key %v, by no key %v, %v", known, unknown, err)
		}
		return errors.Join(err, err2, err3)
	})
	for what, c := range map[string]struct {
		q    cloud.PhotoQuery
		want []cloud.RoundPhoto
	}{
		"all, the newest first": {cloud.PhotoQuery{}, []cloud.RoundPhoto{third, same2, one}},
		"of a round":            {cloud.PhotoQuery{Round: id(80)}, []cloud.RoundPhoto{same2, one}},
		"of days":               {cloud.PhotoQuery{Store: "north", From: "2026-11-22", To: "2026-11-23"}, []cloud.RoundPhoto{third}},
		"of another store":      {cloud.PhotoQuery{Store: "south"}, nil},
		"of a cabinet":          {cloud.PhotoQuery{Cabinet: "xs-01", Limit: 1}, []cloud.RoundPhoto{same2}},
		"of an article":         {cloud.PhotoQuery{SKU: "1003"}, []cloud.RoundPhoto{third}},
	} {
		view(t, db, func(tx cloud.Tx) error {
			found, err := tx.Photos.List(c.q)
			if len(found) != len(c.want) {
				t.Errorf("%s: %v", what, found)
			}
			for i := range min(len(found), len(c.want)) {
				same(t, found[i], c.want[i])
			}
			return err
		})
	}
	oldPhotosGo(t, db, one, same2, third)
}

// oldPhotosGo removes the pictures before the third, and finds what was noted of them.
func oldPhotosGo(t *testing.T, db cloud.DB, one, same2, third cloud.RoundPhoto) {
	since := third.At // The first picture was taken twice, both times before that.
	update(t, db, func(tx cloud.Tx) error {
		count, err := tx.Old.Count(cloud.KeptPhoto, since)
		none, err2 := tx.Old.Remove(cloud.KeptPhoto, same2.At, 10)
		gone, err3 := tx.Old.Remove(cloud.KeptPhoto, since, 10)
		if count != 1 || none != 0 || gone != 1 {
			t.Errorf("old are %d, %d and %d were removed", count, none, gone)
		}
		return errors.Join(err, err2, err3)
	})
	one.Gone, same2.Gone = true, true
	view(t, db, func(tx cloud.Tx) error {
		_, found, err := tx.Photos.Picture("aa")
		_, left, err2 := tx.Photos.Picture("bb")
		all, err3 := tx.Photos.List(cloud.PhotoQuery{})
		if found || !left || len(all) != 3 {
			t.Fatalf("the old picture %v, the young one %v, of three %d were taken", found, left, len(all))
		}
		for i, want := range []cloud.RoundPhoto{third, same2, one} {
			same(t, all[i], want)
		}
		return errors.Join(err, err2, err3)
	})
}

func policiesKept(t *testing.T, db cloud.DB) {
	planned(t, db)
	usual := picking.Usual()
	own := usual
	own.Days, own.Service = 3, 0.925
	versions := []cloud.RefillPolicy{
		{Store: "north", Version: 1, At: now, By: "li", Policy: &own},
		{Store: "north", Version: 2, At: now.Add(time.Minute), By: "mei"},
		{Version: 1, At: now, By: "li", Policy: &usual},
	}
	update(t, db, func(tx cloud.Tx) error {
		return errors.Join(tx.Policies.Add(versions[0]), tx.Policies.Add(versions[1]), tx.Policies.Add(versions[2]))
	})
	refused(t, db, cloud.CodeConflict, func(tx cloud.Tx) error { return tx.Policies.Add(versions[1]) })
	view(t, db, func(tx cloud.Tx) error {
		north, err := tx.Policies.Versions("north", 9)
		same(t, north, []cloud.RefillPolicy{versions[1], versions[0]})
		newest, err2 := tx.Policies.Versions("north", 1)
		same(t, newest, versions[1:2])
		chain, err3 := tx.Policies.Versions("", 9)
		same(t, chain, versions[2:])
		return errors.Join(err, err2, err3)
	})
}

func markdownsEnd(t *testing.T, db cloud.DB) {
	planned(t, db)
	plan := Plan()
	milk := cloud.Markdown{Category: "dairy", Markdown: picking.Markdown{Steps: []picking.Step{{DaysLeft: 1, Percent: 30}}, AlertAt: 2}}
	plan.Markdowns = cloud.Markdowns{milk, {Markdown: cloud.DefaultMarkdown()}}
	update(t, db, func(tx cloud.Tx) error { return tx.Plans.Save(plan) })
	var before uint64
	view(t, db, func(tx cloud.Tx) (err error) {
		before, err = tx.Plans.Revision()
		return err
	})
	refused(t, db, cloud.CodeNotFound, func(tx cloud.Tx) error { return tx.Ends.End("bakery", "li", now) })
	update(t, db, func(tx cloud.Tx) error { return tx.Ends.End("dairy", "li", now) })
	refused(t, db, cloud.CodeNotFound, func(tx cloud.Tx) error { return tx.Ends.End("dairy", "li", now) })
	view(t, db, func(tx cloud.Tx) error {
		left, err := tx.Plans.Markdowns()
		if len(left) != 1 || left[0].Category != "" {
			t.Errorf("rules %+v are left", left)
		}
		ended, err2 := tx.Ends.Ended(9)
		same(t, ended, []cloud.MarkdownEnd{{Markdown: milk, At: now, By: "li"}})
		after, err3 := tx.Plans.Revision()
		if after <= before {
			t.Errorf("the revision is %d, it was %d", after, before)
		}
		return errors.Join(err, err2, err3)
	})
}
