package web_test

import (
	"context"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

// undecided are the reviews that nobody has decided, in their order.
func (w *world) undecided() (open []cloud.Review) {
	for _, r := range w.reviews {
		if w.decisionOf(r.Visit.ID) == nil {
			open = append(open, r)
		}
	}
	return open
}

func (w *world) decisionOf(id protocol.VisitID) *cloud.Decision {
	for _, d := range w.decided {
		if d.Visit == id {
			return &cloud.Decision{Visit: id, By: d.By, At: noon, Story: d.Story, Waived: d.Waive, Lines: orderLines(1), Total: 350, Note: d.Note}
		}
	}
	return nil
}

func (w *world) Queue(_ context.Context, of cloud.Bound, limit int) ([]cloud.QueuedCase, int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var queue []cloud.QueuedCase
	for _, r := range w.undecided() {
		if !of.Holds(w.cabinet(r.Visit.Cabinet).Store) {
			continue
		}
		queue = append(queue, cloud.QueuedCase{Visit: r.Visit.ID, Cabinet: r.Visit.Cabinet, Why: r.Why, Guess: total(r.Guess), Began: r.Visit.Created, Asked: noon.Add(-r.Waiting), Taken: w.taken})
	}
	return queue[:min(limit, len(queue))], len(queue), nil
}

func (w *world) Looked(_ context.Context, store cloud.StoreID, from, to time.Time) ([]cloud.CaseLooked, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lookedAt = append(w.lookedAt, from, to)
	if store != "qj" {
		return nil, nil
	}
	return []cloud.CaseLooked{
		{Visit: twins().Visit.ID, Cabinet: "qj-1", First: noon.Add(-2 * time.Hour), Spent: 10 * time.Minute, Decided: noon.Add(-time.Hour), By: "李<娜>"},
		{Visit: id(82), Cabinet: "qj-2", First: noon.Add(-time.Hour), Spent: 3 * time.Minute},
	}, nil
}

func (w *world) Case(_ context.Context, id protocol.VisitID, _ cloud.Bound) (cloud.Case, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	at := slices.IndexFunc(w.reviews, func(r cloud.Review) bool { return r.Visit.ID == id })
	if at < 0 {
		return cloud.Case{}, protocol.Errorf(cloud.CodeNotFound, "never in review")
	}
	r := w.reviews[at]
	c := cloud.Case{
		Review: r, Taken: w.taken, Asked: noon.Add(-r.Waiting), Decision: w.decisionOf(id), Recording: w.recording, Away: w.cabinet(r.Visit.Cabinet).State == cloud.CabinetAway,
		Visitor: cloud.Visitor{Visits: 14, Reviewed: 2, Waived: 1, Last: []cloud.Visit{visitIn(cloud.StateCharged), visitIn(cloud.StateNothingTaken)}},
	}
	open := w.undecided()
	if k := slices.IndexFunc(open, func(o cloud.Review) bool { return o.Visit.ID == id }); k >= 0 {
		c.Place, c.Open = k+1, len(open)
		if k > 0 {
			c.Before = open[k-1].Visit.ID
		}
		if k+1 < len(open) {
			c.After = open[k+1].Visit.ID
		}
	}
	for i, g := range w.goods[r.Visit.Cabinet] {
		row := cloud.CaseStock{Platform: g.Platform, SKU: g.Article.SKU, Name: g.Article.Name, Before: g.Units + 1, Book: g.Units, Weight: 4_120_000, Weighed: i%4 != 3, Moved: i < 2}
		for k := range r.Answer.Why {
			row.After = append(row.After, g.Units+k)
		}
		c.Stock = append(c.Stock, row)
	}
	return c, nil
}

func (w *world) Look(_ context.Context, visit protocol.VisitID, by string, opened time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.looks = append(w.looks, cloud.CaseOpening{Visit: visit, By: by, Opened: opened})
	return nil
}

func (w *world) Figures(context.Context) (cloud.ReviewFigures, error) {
	return cloud.ReviewFigures{
		At: noon, Open: len(w.reviews), Oldest: 41 * time.Minute, Decided: 87, Median: 18 * time.Minute, P90: 5 * time.Hour, Visits: 4211, Spent: 62 * time.Minute,
	}, nil
}

// Curves are of five shelves: a bottle is taken from S2, and two things from S4; the third shelf is noise.
func (w *world) Curves(_ context.Context, _ protocol.VisitID, columns int) (cloud.Curves, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.recording != cloud.RecordingHere {
		return cloud.Curves{}, protocol.Errorf(cloud.CodeNotFound, "none")
	}
	c := cloud.Curves{Columns: columns, Step: 24000 / float64(columns), Doors: []cloud.DoorMark{{At: 3000, Open: true}, {At: 21000}}}
	for n, platform := range []protocol.PlatformID{"S1", "S2", "S3", "S4", "S5"} {
		curve := cloud.Curve{Platform: platform, Low: slices.Repeat([]float64{math.NaN()}, columns), High: slices.Repeat([]float64{math.NaN()}, columns), Moved: n == 1 || n == 3}
		for i := range columns {
			at, grams := float64(i)*c.Step, 4000+300*float64(n)
			if n == 1 && at > 7345 {
				grams -= 571
			}
			if n == 1 && at > 15500 {
				grams += 263
			}
			if n == 3 && at > 12000 {
				grams -= 834
			}
			if n%2 == 1 && math.Abs(math.Mod(at, 8000)-7300) < 300 {
				grams += 180
			}
			curve.Note(i, grams+math.Sin(at/90))
			curve.Note(i, grams-math.Cos(at/70))
		}
		c.Platforms = append(c.Platforms, curve)
	}
	return c, nil
}

// casePath is the page of one of the reviews.
func pathOf(r cloud.Review) string { return "/reviews/" + r.Visit.ID.String() }

func TestTheQueueAndTonightLeadToTheCases(t *testing.T) {
	w := newWorld()
	reviewed(w)
	for i, lang := range bothLanguages {
		v := visitor{t: t, handler: handlerOf(w, false), lang: lang, session: "manager"}
		rec := v.get("/tonight")
		mustSee(t, rec, http.StatusOK, []string{"5 笔账等人看", "5 bills wait"}[i], []string{"等得最久的一笔：41 分钟", "The longest has waited 41 min"}[i], `href="/reviews"`)
		mustNotSee(t, rec, `action="/reviews/`)
		mustSee(t, v.get("/reviews"), http.StatusOK, []string{"5 笔账等人看", "5 bills wait"}[i], `href="`+pathOf(twins())+`"`,
			[]string{"7 天内定了 87 笔", "87 decided in 7 days"}[i], "14.7", []string{"9.50", "9.50"}[i])
	}
	w.reviews = nil
	v := visitor{t: t, handler: handlerOf(w, false), lang: "en", session: "manager"}
	mustSee(t, v.get("/reviews"), http.StatusOK, "No bill waits for a person.", "All clear")
}

func TestACaseHasWhatHelpsToDecideIt(t *testing.T) {
	w := newWorld()
	reviewed(w)
	v := visitor{t: t, handler: handlerOf(w, false), lang: "en", session: "manager"}
	mustSee(t, v.get(pathOf(twins())), http.StatusOK, "1 of 5", "14 visits, 2 of them reviewed, 1 waived.", "Stock before and after", "Books now", "4.12 kg",
		`data-after`, `href="`+pathOf(odd())+`"`, `data-press="1"`, `data-press="W"`, `name="opened"`, `data-at="7345" data-platform="S2">-1 Spring water 550 ml`)
	for state, want := range map[cloud.RecordingState]string{
		cloud.RecordingWaiting: "asked for its recording", cloud.RecordingNone: "has no recording", cloud.RecordingUnasked: "was not asked for its recording yet", cloud.RecordingHere: "data-here",
	} {
		w.recording = state
		mustSee(t, v.get(pathOf(twins())), http.StatusOK, want)
	}
	w.recording = cloud.RecordingHere
	mustSee(t, v.get(pathOf(twins())), http.StatusOK, "As numbers", "<td>S4</td>", "<b>-83")
	w.recording = cloud.RecordingWaiting
	w.cabinet("qj-1").State = cloud.CabinetAway
	mustSee(t, v.get(pathOf(twins())), http.StatusOK, "The cabinet is not connected")
	mustSee(t, v.get("/reviews/"+id(99).String()), http.StatusNotFound)
	body := v.get(pathOf(twins())).Body.String()
	for _, personal := range []string{"138****1234", testPhone, anna.Name} {
		if strings.Contains(body, personal) {
			t.Errorf("the page of a case says %q", personal)
		}
	}
}

func TestWhoComesTooLateIsToldWhoDecided(t *testing.T) {
	for i, lang := range bothLanguages {
		w := newWorld()
		reviewed(w)
		w.decided = []cloud.DecideReview{{Visit: id(78), By: "Li Na", Waive: true, Story: cloud.NoStory, Note: "seen on the shelf"}}
		v := visitor{t: t, handler: handlerOf(w, false), lang: lang, session: "manager"}
		rec := v.post(pathOf(twins()), "how", "1")
		mustSee(t, rec, http.StatusConflict, []string{"有人比您快：Li Na", "Somebody was faster. Li Na waived it"}[i], "seen on the shelf")
		mustNotSee(t, rec, `id="decide"`)
		if len(w.decided) != 1 {
			t.Errorf("decided %+v", w.decided)
		}
	}
}

func TestALookAtACaseIsNoted(t *testing.T) {
	w := newWorld()
	reviewed(w)
	handler := handlerOf(w, false)
	v := visitor{t: t, handler: handler, lang: "en", session: "manager"}
	mustSee(t, v.post(pathOf(twins())+"/look", "opened", "1763748840000"), http.StatusNoContent)
	mustSee(t, v.post(pathOf(twins())+"/look", "opened", "soon"), http.StatusBadRequest)
	mustSee(t, v.post(pathOf(twins()), "how", "0", "opened", "1763748841000"), http.StatusSeeOther)
	if len(w.looks) != 2 || w.looks[0].By != "manager" || w.looks[1].Opened.UnixMilli() != 1763748841000 {
		t.Errorf("looks %+v", w.looks)
	}
	if rec := (visitor{t: t, handler: handler, lang: "en", session: "technician"}).post(pathOf(twins())+"/look", "opened", "1"); rec.Code != http.StatusForbidden {
		t.Errorf("a technician got %d", rec.Code)
	}
}

func TestTheMinutesOfReviewsOpenToTheCasesThatPersonsHadOpen(t *testing.T) {
	w := newWorld()
	v := visitor{t: t, handler: handlerOf(w, true), lang: "en", session: "manager"}
	path := "/reviews/looked?store=qj&from=2026-11-15&to=2026-11-21"
	mustSee(t, v.get(path), http.StatusOK, "2 bills were looked at, 13 min in all", `href="`+pathOf(twins())+`"`, "Decided by 李&lt;娜&gt;", "Not decided yet", `href="/stores/qj"`)
	if from, to := time.Date(2026, 11, 14, 16, 0, 0, 0, time.UTC), time.Date(2026, 11, 21, 16, 0, 0, 0, time.UTC); len(w.lookedAt) != 2 || !w.lookedAt[0].Equal(from) || !w.lookedAt[1].Equal(to) {
		t.Errorf("looked from %v", w.lookedAt)
	}
	one := v.get(path + "&cabinet=qj-2")
	mustSee(t, one, http.StatusOK, "1 bill was looked at, 3 min in all")
	mustNotSee(t, one, pathOf(twins()))
	mustSee(t, v.get("/reviews/looked?store=xh&from=2026-11-21"), http.StatusOK, "Nobody opened a case")
	mustSee(t, v.get("/reviews/looked?store=qj&from=x"), http.StatusBadRequest)
	mustSee(t, v.get("/reviews/looked?store=none&from=2026-11-21"), http.StatusNotFound)
	v.session = "technician"
	mustSee(t, v.get(path), http.StatusForbidden)
}
