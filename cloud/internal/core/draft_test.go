package core_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/people"
	"allhours/cloud/internal/store/storetest"
	"allhours/cloud/ledger"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

// nextPlan puts 1003 in the place of 1001 on S1 of xs-01.
const nextPlan = "cabinet,platform,sku,par\nxs-01,S1,1003,3\nxs-01,S1,1002,6\n"

// draft takes a planogram in that waits for a restocker.
func (r *rig) draft(table string) (cloud.Draft, error) {
	r.t.Helper()
	_, err := r.core.Planning.Apply(r.t.Context(), cloud.Intake{Kind: cloud.MasterPlanograms, Text: []byte(table), By: "li", Draft: "winter"}, 0)
	if err != nil {
		return cloud.Draft{}, err
	}
	waiting, err := r.core.Drafts.Drafts(r.t.Context(), cloud.DraftQuery{Waiting: true})
	r.must(err)
	if len(waiting) != 1 {
		r.t.Fatalf("%d drafts wait: %+v", len(waiting), waiting)
	}
	return waiting[0], nil
}

// applies says that the cabinet has what it shall be.
func (r *rig) applies() wire.Config {
	r.t.Helper()
	config := r.shall()
	r.cabinet.applied = wire.ConfigVersion{FleetEpoch: 1, Version: config.Config.Version}
	r.cabinet.does(wire.AppliedBody{Config: r.cabinet.applied})
	later(time.Second)
	r.cabinet.telemetry()
	return config
}

func (r *rig) shall() (config wire.Config) {
	r.t.Helper()
	r.view(func(tx cloud.Tx) (err error) { config, _, err = tx.Desired.Latest("xs-01"); return err })
	return config
}

// swapping is a round that leaves the store to set the draft of xs-01 up: 3 of 1003 come to S1, and 8 of 1001 go.
func (r *rig) swapping() *walk {
	r.t.Helper()
	r.must(r.db.People().AddStaff(r.t.Context(), people.Staff{ID: restocker, Name: "wang", Role: protocol.RoleRestocker, Created: time.Now()}))
	plan := storetest.Plan()
	plan.Cabinets[0].Platforms[0].Par = map[protocol.SKU]int{"1001": 8, "1002": 6}
	plan.Cabinets[0].Platforms[1].Par = map[protocol.SKU]int{"1003": 10}
	r.must(r.core.Apply(r.t.Context(), plan))
	_, err := r.moves(cloud.MoveGoods{Kind: cloud.MoveReceive, To: store, Lines: []cloud.MovedLine{{SKU: "1001", Qty: 24}, {SKU: "1003", Qty: 24}}})
	r.must(err)
	_, err = r.draft(nextPlan)
	r.must(err)
	round, err := r.core.Rounds.Plan(r.t.Context(), cloud.PlanRound{
		Person: technician, By: "li", Key: "plan", Store: "north", Restocker: restocker, Cabinets: []protocol.CabinetID{"xs-01"},
	})
	r.must(err)
	w := &walk{rig: r, round: round.ID}
	w.steps(cloud.RoundStart, cloud.RoundStepBody{})
	for _, l := range round.Lines {
		if l.Planned > 0 && l.Platform != "S1" {
			r.t.Fatalf("the round brings %+v", l)
		}
	}
	w.steps(cloud.RoundPick, cloud.RoundStepBody{SKU: "1003", Units: 3})
	w.steps(cloud.RoundDepart, cloud.RoundStepBody{})
	return w
}

func closing(word cloud.PlanWord) cloud.RoundStepBody {
	return cloud.RoundStepBody{Cabinet: "xs-01", Plan: word}
}

// opens fills under a version of the desired state.
func (w *walk) opens(key string, config uint64, steps ...settle.Step) {
	w.t.Helper()
	v, err := w.open(key)
	w.must(err)
	w.cabinet.reply(protocol.CodeOK)
	b := begun(v.ID)
	b.Purpose, b.Limit, b.Config = protocol.PurposeRefill, 0, config
	w.cabinet.does(b)
	w.cabinet.does(wire.OpenedBody{Visit: v.ID})
	body := w.cabinet.settled(v.ID)
	body.Purpose, body.Config, body.Answer.Why = protocol.PurposeRefill, config, []settle.Explanation{{Lines: []settle.Line{}, Steps: steps}}
	w.cabinet.does(body)
	later(time.Second)
	w.cabinet.telemetry()
}

func (w *walk) lies(want map[ledger.Account]map[protocol.SKU]int64) {
	w.t.Helper()
	for account, goods := range want {
		for sku, units := range goods {
			if got := w.balance(account, ledger.Article(sku)); got != units {
				w.t.Errorf("%s has %d of %s, want %d", account, got, sku, units)
			}
		}
	}
	w.mustBeSound()
}

func skusOn(config wire.Config, platform protocol.PlatformID) (skus, coming []protocol.SKU) {
	for _, p := range config.Platforms {
		if p.ID == platform {
			return p.SKUs, p.Coming
		}
	}
	return nil, nil
}

func TestADraftTakesEffectWhenItsRestockerHasSetItUpAndTheBooksAddUp(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		w := r.swapping()
		config := r.applies()
		if skus, coming := skusOn(config, "S1"); !slices.Equal(skus, []protocol.SKU{"1001", "1002"}) || !slices.Equal(coming, []protocol.SKU{"1003"}) {
			t.Errorf("before it is set up the cabinet has %v, and %v is to come", skus, coming)
		}
		w.opens("o1", config.Config.Version, put("S1", "1001", -8), put("S1", "1003", 3))
		w.lies(map[ledger.Account]map[protocol.SKU]int64{lane: {"1001": 0, "1003": 3}, van: {"1001": 8, "1003": 0}})
		if skus, _ := skusOn(r.shall(), "S1"); !slices.Contains(skus, protocol.SKU("1001")) {
			t.Error("it is in force before anybody said that it is set up")
		}
		w.refuses(cloud.CodeAnswerNeeded, cloud.RoundClose, closing(""))
		view := w.steps(cloud.RoundClose, closing(cloud.PlanSet))
		if view.Stop("xs-01").State != cloud.StopDone || view.Asked("xs-01") != 0 {
			t.Errorf("the stop is %+v, %d questions", view.Stop("xs-01"), view.Asked("xs-01"))
		}
		skus, coming := skusOn(r.shall(), "S1")
		if !slices.Equal(skus, []protocol.SKU{"1003", "1002"}) || len(coming) != 0 || r.shall().Config.Version <= config.Config.Version {
			t.Errorf("after it is set up the cabinet shall have %v, and %v is to come", skus, coming)
		}
		all, err := r.core.Drafts.Drafts(t.Context(), cloud.DraftQuery{Cabinet: "xs-01"})
		r.must(err)
		if len(all) != 1 || !all[0].End.Taken || all[0].End.By != "wang" || all[0].End.Round != w.round || len(all[0].End.Before) != 1 || all[0].End.Before[0].SKUs[0] != "1001" {
			t.Errorf("the drafts are %+v", all)
		}
		w.steps(cloud.RoundFinish, cloud.RoundStepBody{Rest: []cloud.RestSaid{{SKU: "1001", Back: 8}}})
		w.lies(map[ledger.Account]map[protocol.SKU]int64{store: {"1001": 32}, van: {"1001": 0}})
		r.check()
	})
}

func TestADraftIsSetUpOnceHoweverOftenItIsSaidAndWhateverDiesMeanwhile(t *testing.T) {
	for name, after := range map[string]bool{"the cloud dies before it is written": false, "the cloud dies after it is written": true} {
		t.Run(name, func(t *testing.T) {
			inRig(t, func(t *testing.T, r *rig) {
				w := r.swapping()
				config := r.applies()
				w.opens("o1", config.Config.Version, put("S1", "1001", -8), put("S1", "1003", 3))
				m := &mortal{left: 1000, after: after}
				r.stop()
				r.wrap = func(db cloud.DB) cloud.DB { m.DB = db; return m }
				r.start()
				r.cabinet.birth()
				r.cabinet.telemetry()
				m.mu.Lock()
				m.left = 0
				m.mu.Unlock()
				closed := cloud.RoundStep{Round: w.round, Person: restocker, By: "wang", Key: "close", Kind: cloud.RoundClose, RoundStepBody: closing(cloud.PlanSet)}
				if _, err := r.core.Rounds.Step(t.Context(), closed); !errors.Is(err, errDead) {
					t.Fatalf("it lives: %v", err)
				}
				r.restart()
				for range 3 {
					_, err := r.core.Rounds.Step(t.Context(), closed)
					r.must(err)
				}
				if got := r.shall().Config.Version; got != config.Config.Version+1 {
					t.Errorf("said three times it made version %d after %d", got, config.Config.Version)
				}
				w.lies(map[ledger.Account]map[protocol.SKU]int64{lane: {"1001": 0, "1003": 3}, van: {"1001": 8}})
				if err := r.core.Drafts.WithdrawDraft(t.Context(), 1, "li"); protocol.CodeOf(err) != cloud.CodeConflict {
					t.Errorf("withdrawn after it took effect: %v", err)
				}
			})
		})
	}
}

func TestWhatADraftTakesAwayDoesNotVanishFromTheBooks(t *testing.T) {
	for name, c := range map[string]struct {
		taken, said int
		count       bool
		answer      string
		refused     protocol.Code
		lost        int64
	}{
		"all is taken out":                               {taken: 8},
		"nothing is taken out":                           {refused: cloud.CodeLaneNotEmpty},
		"fewer were there, and nobody has said it yet":   {taken: 6, refused: cloud.CodeAnswerNeeded},
		"fewer were there, and the scales agree with it": {taken: 6, said: 6, count: true, lost: 2},
	} {
		t.Run(name, func(t *testing.T) {
			inRig(t, func(t *testing.T, r *rig) {
				w := r.swapping()
				config := r.applies()
				steps := []settle.Step{put("S1", "1003", 3)}
				if c.taken > 0 {
					steps = append(steps, put("S1", "1001", -c.taken))
				}
				w.opens("o1", config.Config.Version, steps...)
				if c.count {
					w.steps(cloud.RoundCount, laneStep("S1", "1001", -c.said))
				}
				if c.refused != "" {
					w.refuses(c.refused, cloud.RoundClose, closing(cloud.PlanSet))
					w.lies(map[ledger.Account]map[protocol.SKU]int64{lane: {"1001": int64(8 - c.taken)}, ledger.Lost: {"1001": 0}})
					return
				}
				w.steps(cloud.RoundClose, closing(cloud.PlanSet))
				w.lies(map[ledger.Account]map[protocol.SKU]int64{
					lane: {"1001": 0, "1003": 3}, van: {"1001": int64(c.taken)}, ledger.Lost: {"1001": c.lost},
				})
			})
		})
	}
}

func TestADraftThatIsCutOffHalfWayWaitsAndBothPlanogramsAreKnownUntilThen(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		w := r.swapping()
		config := r.applies()
		w.opens("o1", config.Config.Version, put("S1", "1001", -5), put("S1", "1003", 2))
		if err := r.core.Drafts.WithdrawDraft(t.Context(), 1, "li"); protocol.CodeOf(err) != cloud.CodeDraftAtDoor {
			t.Errorf("withdrawn while its restocker is at the door: %v", err)
		}
		w.steps(cloud.RoundCount, laneStep("S1", "1001", -5))
		w.steps(cloud.RoundCount, laneStep("S1", "1003", 2))
		w.steps(cloud.RoundClose, closing(cloud.PlanLeft))
		w.lies(map[ledger.Account]map[protocol.SKU]int64{lane: {"1001": 3, "1003": 2}, van: {"1001": 5, "1003": 1}})
		if skus, coming := skusOn(r.shall(), "S1"); !slices.Contains(skus, protocol.SKU("1001")) || !slices.Equal(coming, []protocol.SKU{"1003"}) {
			t.Errorf("the cabinet shall have %v, and %v is to come", skus, coming)
		}
		visit, err := r.begin("k1")
		r.must(err)
		r.cabinet.reply(protocol.CodeOK)
		b := begun(visit.ID)
		b.Config = config.Config.Version
		r.cabinet.does(b)
		r.cabinet.does(wire.OpenedBody{Visit: visit.ID})
		body := r.cabinet.settled(visit.ID, settle.Line{SKU: "1003", Qty: 1})
		body.Config, body.Answer.Why = config.Config.Version, []settle.Explanation{{Lines: body.Answer.Lines, Steps: []settle.Step{{Platform: "S1", SKU: "1003", Qty: -1, What: settle.Taken}}}}
		r.cabinet.does(body)
		w.lies(map[ledger.Account]map[protocol.SKU]int64{lane: {"1003": 1}})
		if got := r.visit(visit.ID); got.Outcome != cloud.OutcomeSold {
			t.Errorf("what was put in before the draft is in force was sold as %+v", got)
		}
	})
}

func TestADraftThatIsWithdrawnOnTheWayIsNotSetUp(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		w := r.swapping()
		r.must(r.core.Drafts.WithdrawDraft(t.Context(), 1, "li"))
		config := r.applies()
		if _, coming := skusOn(config, "S1"); len(coming) != 0 {
			t.Errorf("%v is still to come", coming)
		}
		view, err := r.core.Rounds.Round(t.Context(), w.round)
		r.must(err)
		for _, l := range view.LinesOf("xs-01") {
			if l.Due() != 0 {
				t.Errorf("there is still to be done: %+v", l)
			}
		}
		w.opens("o1", config.Config.Version)
		w.refuses(cloud.CodeChanged, cloud.RoundClose, closing(cloud.PlanSet))
		w.steps(cloud.RoundClose, closing(""))
		w.steps(cloud.RoundFinish, cloud.RoundStepBody{Rest: []cloud.RestSaid{{SKU: "1003", Back: 3}}})
		w.lies(map[ledger.Account]map[protocol.SKU]int64{lane: {"1001": 8, "1003": 0}, store: {"1003": 24}})
		if err := r.core.Drafts.WithdrawDraft(t.Context(), 1, "li"); protocol.CodeOf(err) != cloud.CodeConflict {
			t.Errorf("withdrawn once more: %v", err)
		}
		r.check()
	})
}

func TestWhereTheCabinetHadNotHeardOfTheDraftACountStands(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		w := r.swapping()
		w.opens("o1", 1, put("S1", "1001", -6))
		view := w.steps(cloud.RoundCount, laneStep("S1", "1001", -8))
		if view.Asked("xs-01") == 0 {
			t.Error("nobody asks how many were put in, where no scale could say it")
		}
		w.refuses(cloud.CodeAnswerNeeded, cloud.RoundClose, closing(cloud.PlanSet))
		w.steps(cloud.RoundCount, laneStep("S1", "1003", 3))
		for _, l := range view.LinesOf("xs-01") {
			if l.Platform == "S1" && l.SKU == "1002" {
				w.steps(cloud.RoundCount, laneStep("S1", "1002", 0))
			}
		}
		w.steps(cloud.RoundClose, closing(cloud.PlanSet))
		w.lies(map[ledger.Account]map[protocol.SKU]int64{lane: {"1001": 0, "1003": 3}, van: {"1001": 8, "1003": 0}})
	})
}

func TestACabinetHasOneDraftThatWaits(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		_, err := r.draft(nextPlan)
		r.must(err)
		if _, err := r.draft("cabinet,platform,sku\nxs-01,S2,1002\n"); protocol.CodeOf(err) != cloud.CodeBadData || !strings.Contains(err.Error(), "withdraw it first") {
			t.Errorf("a second draft: %v", err)
		}
		r.must(r.core.Drafts.WithdrawDraft(t.Context(), 1, "li"))
		if d, err := r.draft("cabinet,platform,sku\nxs-01,S2,1002\n"); err != nil || d.Number != 2 {
			t.Errorf("after the first was withdrawn: %+v, %v", d, err)
		}
	})
}

func TestWhatADraftHasPutIsShownWithItsPriceBeforeItIsInForce(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		w := r.swapping()
		config := r.applies()
		shown := func() (found []cloud.ShelfGood) {
			t.Helper()
			goods, err := r.core.Fleet.Goods(t.Context(), "xs-01")
			r.must(err)
			for _, g := range goods {
				if g.Platform == "S1" && g.Article.SKU == "1003" {
					found = append(found, g)
				}
			}
			return found
		}
		if got := shown(); len(got) != 0 {
			t.Errorf("before it is put there the page has %+v", got)
		}
		w.opens("o1", config.Config.Version, put("S1", "1001", -8), put("S1", "1003", 3))
		if got := shown(); len(got) != 1 || got[0].Units != 3 || got[0].Price != 900 {
			t.Errorf("before it is in force the page has %+v", got)
		}
		w.steps(cloud.RoundClose, closing(cloud.PlanSet))
		if got := shown(); len(got) != 1 || got[0].Units != 3 {
			t.Errorf("in force the page has %+v", got)
		}
	})
}

func TestNobodyTooYoungBuysWhatADraftHasPut(t *testing.T) {
	beer := "sku,name_zh,name_en,category,zone,gross_g,sd_g,price_yuan,shelf_life_days,essential,cost_yuan,vat_percent,min_age,case_size\n" +
		"9001,啤酒,Beer,alcohol,ambient,520,2,6.00,180,0,3.50,13,18,12"
	for name, c := range map[string]struct {
		heard  bool // the cabinet knows the draft
		closed cloud.PlanWord
	}{
		"the scales have seen it":                   {heard: true},
		"no scale could say it":                     {},
		"the draft is left, and what was put stays": {true, cloud.PlanLeft},
		"the draft is in force":                     {true, cloud.PlanSet},
	} {
		t.Run(name, func(t *testing.T) {
			inRig(t, func(t *testing.T, r *rig) {
				known := &register{years: map[protocol.UUID]int{resident: 17}}
				r.ages = known
				r.restart()
				_, err := r.core.Planning.Apply(t.Context(), cloud.Intake{Kind: cloud.MasterArticles, Text: []byte(beer)}, 0)
				r.must(err)
				r.must(r.db.People().AddStaff(t.Context(), people.Staff{ID: restocker, Name: "wang", Role: protocol.RoleRestocker, Created: time.Now()}))
				_, err = r.draft("cabinet,platform,sku,par\nxs-01,S2,1003,10\nxs-01,S2,9001,2\n")
				r.must(err)
				version := uint64(1)
				if c.heard {
					version = r.applies().Config.Version
				}
				round, err := r.plansRound("plan", "xs-01")
				r.must(err)
				w := &walk{rig: r, round: round.ID}
				w.steps(cloud.RoundStart, cloud.RoundStepBody{})
				w.steps(cloud.RoundPick, cloud.RoundStepBody{SKU: "9001", Units: 2})
				w.steps(cloud.RoundDepart, cloud.RoundStepBody{})
				if _, err := r.begin("before it is put there"); err != nil {
					t.Fatal(err)
				}
				r.cabinet.reply(protocol.CodeOtherCabinet)
				later(time.Second)
				steps := []settle.Step{put("S2", "9001", 2)}
				if !c.heard {
					steps = nil
				}
				w.opens("o1", version, steps...)
				if c.closed != "" {
					w.steps(cloud.RoundClose, closing(c.closed))
				}
				if _, err := r.begin("after it was put there"); protocol.CodeOf(err) != cloud.CodeAgeUnverified {
					t.Errorf("a person of 17 years opens: %v", err)
				}
			})
		})
	}
}
