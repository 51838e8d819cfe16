package api

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/cloud/internal/metrics"
	"allhours/cloud/internal/people"
	"allhours/cloud/internal/privacy"
	"allhours/cloud/internal/store/sqlite"
	"allhours/cloud/internal/store/sqlite/blank"
	"allhours/cloud/internal/store/storetest"
	"allhours/protocol"
	"allhours/protocol/claim"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

// fleet is visits and cabinets that the test moves by hand.
type fleet struct {
	mu      sync.Mutex
	visits  map[protocol.VisitID]cloud.Visit
	watch   map[protocol.VisitID]chan struct{}
	refusal error
	began   []cloud.BeginVisit
	said    []cloud.Attestation
	decided []cloud.DecideReview
}

func (f *fleet) Begin(_ context.Context, b cloud.BeginVisit) (cloud.Visit, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.began = append(f.began, b)
	if b.Cabinet != "xs-01" {
		return cloud.Visit{}, protocol.Errorf(cloud.CodeUnknownCabinet, "none")
	}
	if f.refusal != nil {
		return cloud.Visit{}, f.refusal
	}
	v := cloud.Visit{ID: protocol.UUID{byte(len(f.visits) + 1)}, Cabinet: b.Cabinet, Person: b.Person, Hold: 5000, Payment: cloud.PaymentHeld, Created: time.UnixMilli(1_700_000_000_000)}
	f.visits[v.ID] = v
	return v, nil
}

func (f *fleet) Attest(_ context.Context, a cloud.Attestation) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.refusal != nil {
		return f.refusal
	}
	f.said = append(f.said, a)
	return nil
}

func (f *fleet) Decide(_ context.Context, d cloud.DecideReview) (cloud.Visit, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.refusal != nil {
		return cloud.Visit{}, f.refusal
	}
	f.decided = append(f.decided, d)
	v := cloud.Visit{ID: d.Visit, Cabinet: "xs-01", Created: time.UnixMilli(1_700_000_000_000)}
	sold(&v)
	return v, nil
}

func (f *fleet) Claim(_ context.Context, r claim.Request, from string) (claim.Papers, error) {
	if r.Code != "0000000000000000" || from == "" {
		return claim.Papers{}, protocol.Errorf(cloud.CodeBadClaim, "none")
	}
	return claim.Papers{
		V: 1, Cabinet: "xs-01", Shard: 8, MQTT: claim.Broker{URL: "tls://fleet.example:8883", User: "xs-01"}, Keys: []claim.PublicKey{{ID: 1, Public: "QUJD"}},
	}, nil
}

func (f *fleet) Visit(_ context.Context, id protocol.VisitID) (cloud.Visit, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	v, ok := f.visits[id]
	if !ok {
		return cloud.Visit{}, protocol.Errorf(cloud.CodeUnknownVisit, "none")
	}
	return v, nil
}

func (f *fleet) Latest(context.Context, protocol.CabinetID, protocol.UUID, int) ([]cloud.Visit, error) {
	return nil, nil
}

func (f *fleet) Watch(id protocol.VisitID) (<-chan struct{}, func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := make(chan struct{}, 1)
	f.watch[id] = c
	return c, func() {}
}

// change moves a visit and tells who watches it.
func (f *fleet) change(id protocol.VisitID, move func(*cloud.Visit)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	v := f.visits[id]
	move(&v)
	f.visits[id] = v
	if c := f.watch[id]; c != nil {
		c <- struct{}{}
	}
}

func (f *fleet) Reviews(context.Context, cloud.Bound, int) ([]cloud.Review, error) {
	return []cloud.Review{{
		Visit: cloud.Visit{ID: protocol.UUID{9}, Cabinet: "xs-01", Payment: cloud.PaymentReview, Created: time.UnixMilli(1)}, Why: cloud.CodeUncertain,
		Answer: unsure(), Zero: time.UnixMilli(1), Guess: lines, Bills: []cloud.Bill{{Lines: lines, Total: 400, Known: true}, {Lines: []cloud.OrderLine{}}}, Waives: time.UnixMilli(2), Waiting: time.Minute,
	}}, nil
}

// unsure is an answer with everything in it that one may have.
func unsure() settle.Answer {
	goods := []settle.Line{{SKU: "1001", Qty: 2}}
	return settle.Answer{
		Decision: settle.Review, Lines: goods, Confidence: 0.6, Rule: "2",
		Why: []settle.Explanation{
			{Lines: goods, Probability: 0.6, Steps: []settle.Step{
				{At: 4000, Platform: "S1", Delta: -1_142_000, SKU: "1001", Qty: -2, What: settle.Taken, Probability: 0.6},
				{At: 5000, Platform: "S2", Delta: 81_000},
			}},
			{Lines: []settle.Line{}, Probability: 0.3},
		},
		Strays: []settle.Stray{{Platform: "S2", SKU: "1001", Qty: 1}},
		Faults: []settle.Fault{{Platform: "S2", Reason: "wild"}},
		Levels: []settle.Level{{Platform: "S1", Weight: 5_000_000, Units: goods}},
	}
}

func (f *fleet) Chain(context.Context) (cloud.Chain, error) { return cloud.Chain{}, nil }

func (f *fleet) Stores(context.Context) ([]cloud.Store, error) {
	return []cloud.Store{{ID: "north", Name: cloud.Text{Zh: "北店", En: "North"}, Hours: []cloud.Hours{{Open: 420, Close: 1320}}}}, nil
}

func (f *fleet) Cabinets(context.Context) ([]cloud.CabinetView, error) {
	seen := cabinetView("xs-01")
	seen.Presence.LastSeen = time.UnixMilli(1_700_000_000_000)
	return []cloud.CabinetView{seen, cabinetView("xs-02")}, nil
}

func (f *fleet) Cabinet(_ context.Context, id protocol.CabinetID) (cloud.CabinetView, error) {
	if id != "xs-01" {
		return cloud.CabinetView{}, protocol.Errorf(cloud.CodeUnknownCabinet, "none")
	}
	return cabinetView(id), nil
}

func (f *fleet) Goods(context.Context, protocol.CabinetID) ([]cloud.ShelfGood, error) {
	return []cloud.ShelfGood{{Platform: "S1", Article: cloud.Article{SKU: "1001", Name: lines[0].Name, Price: 200}, Units: 7, Price: 200}}, nil
}

func (f *fleet) WatchFleet() (<-chan struct{}, func()) { return nil, func() {} }

var lines = []cloud.OrderLine{{SKU: "1001", Name: cloud.Text{Zh: "水", En: "Water"}, Qty: 2, Price: 200}}

func cabinetView(id protocol.CabinetID) cloud.CabinetView {
	return cloud.CabinetView{
		Cabinet: cloud.Cabinet{ID: id, Store: "s1", Number: 3, Layout: "shelves", Place: cloud.Text{Zh: "门口", En: "Gate"}, Platforms: storetest.Plan().Cabinets[0].Platforms},
		State:   cloud.CabinetAway,
	}
}

// password is "correct horse", hashed at next to no cost.
const password = "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$rAjuexKlLdAHLvqk7TeeiWZjW4OPoRGwldJXdHbTuKI"

// sold ends a visit with a bill.
func sold(v *cloud.Visit) {
	v.Outcome, v.Payment, v.Lines, v.Total, v.Ended = cloud.OutcomeSold, cloud.PaymentCaptured, lines, 400, time.UnixMilli(1_700_000_060_000)
}

func opened(v *cloud.Visit) { v.Phase = wire.PhaseOpen }

// rig is the interface over real people, on a real port.
type rig struct {
	t        *testing.T
	fleet    *fleet
	workshop *workshop
	purses   *purses
	accounts *accounts
	desk     *desk
	trolley  *trolley
	echo     *echo.Echo
	server   *httptest.Server
	api      *API
	health   error
}

func newRig(t *testing.T) *rig {
	t.Helper()
	db, err := sqlite.Open(t.Context(), sqlite.Options{Path: blank.At(t, filepath.Join(t.TempDir(), "fleet.db"))})
	if err != nil {
		t.Fatal(err)
	}
	service, err := people.New(people.Options{Store: db.People(), Key: bytes.Repeat([]byte{1}, people.KeySize), Demo: true})
	if err != nil {
		t.Fatal(err)
	}
	member := people.Staff{ID: protocol.UUID{8}, Name: "manager", Role: protocol.RoleManager, Password: password}
	if err := db.People().AddStaff(t.Context(), member); err != nil {
		t.Fatal(err)
	}
	technician := people.Staff{ID: protocol.UUID{7}, Name: "technician", Role: protocol.RoleTechnician, Password: password}
	if err := db.People().AddStaff(t.Context(), technician); err != nil {
		t.Fatal(err)
	}
	for _, one := range []people.Staff{{ID: protocol.UUID{6}, Name: "restocker", Role: protocol.RoleRestocker}, {ID: protocol.UUID{5}, Name: "support", Role: protocol.RoleSupport}, {ID: protocol.UUID{4}, Name: "southerner", Role: protocol.RoleManager, Bound: "south"}} {
		one.Password = password
		if err := db.People().AddStaff(t.Context(), one); err != nil {
			t.Fatal(err)
		}
	}
	r := &rig{
		t: t, workshop: &workshop{}, purses: &purses{}, accounts: &accounts{}, desk: &desk{}, trolley: &trolley{round: someWalk()},
		fleet: &fleet{visits: map[protocol.VisitID]cloud.Visit{}, watch: map[protocol.VisitID]chan struct{}{}},
	}
	r.echo = httpx.New(httpx.Options{People: service, Logger: slog.New(slog.DiscardHandler)})
	planned, states, out := r.plan(db)
	r.api = New(Options{
		Planning: planned, Drafts: states, Rollouts: out, Assortment: planned, StoreDays: r.accounts, Statements: r.accounts, Disputes: r.desk, Support: r.desk, Callers: r.desk, Cases: cases{}, Rounds: r.trolley, RoundPlans: r.trolley, Refills: r.trolley,
		Incidents: &troubles{}, Tonight: evening{}, Photos: &album{}, Totals: totals{}, Hours: signs{}, Privacy: privacy.New(privacy.Options{DB: db}),
		Visits: r.fleet, Fleet: r.fleet, Food: r.fleet, Claims: r.fleet, Money: r.purses, Calls: r.purses, People: service, Doors: r.workshop, Tasks: r.workshop, Handovers: r.workshop, Goods: r.workshop,
		Metrics: metrics.New().Handler(),
		Health:  func(context.Context) error { return r.health },
	})
	r.api.Register(r.echo)
	r.server = httptest.NewServer(r.echo)
	t.Cleanup(func() {
		r.server.Close()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// caller is somebody with a browser.
type caller struct {
	*rig
	http *http.Client
}

func (r *rig) stranger() caller {
	jar, err := cookiejar.New(nil)
	if err != nil {
		r.t.Fatal(err)
	}
	return caller{r, &http.Client{Jar: jar}}
}

func (r *rig) resident(phone string) caller {
	r.t.Helper()
	c := r.stranger()
	var sent struct {
		Code string `json:"demo_code"`
	}
	c.want(200, "POST", "/api/v1/auth/code", `{"phone":"`+phone+`"}`, &sent)
	c.want(200, "POST", "/api/v1/auth/session", `{"phone":"`+phone+`","code":"`+sent.Code+`","consent":"`+cloud.NoticeOf(cloud.Retention{}).Version+`"}`, nil)
	return c
}

func (r *rig) manager() caller { return r.staff("manager") }

func (r *rig) technician() caller { return r.staff("technician") }

func (r *rig) staff(name string) caller {
	r.t.Helper()
	c := r.stranger()
	c.want(200, "POST", "/api/v1/auth/staff", `{"name":"`+name+`","password":"correct horse"}`, nil)
	return c
}

func (c caller) send(method, path, body string, headers ...string) *http.Response {
	c.t.Helper()
	r, err := http.NewRequest(method, c.server.URL+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := c.http.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { answer.Body.Close() })
	return answer
}

// want sends a request and reads its answer, which must have the status.
func (c caller) want(status int, method, path, body string, into any, headers ...string) http.Header {
	c.t.Helper()
	answer := c.send(method, path, body, headers...)
	var raw bytes.Buffer
	if _, err := raw.ReadFrom(answer.Body); err != nil {
		c.t.Fatal(err)
	}
	if answer.StatusCode != status {
		c.t.Fatalf("%s %s: got %d %s, want %d", method, path, answer.StatusCode, raw.String(), status)
	}
	if into != nil {
		if err := json.Unmarshal(raw.Bytes(), into); err != nil {
			c.t.Fatalf("%s %s: %v in %s", method, path, err, raw.String())
		}
	}
	return answer.Header
}

// refused sends a request that must fail with a problem of this code.
func (c caller) refused(status int, code protocol.Code, method, path, body string, headers ...string) {
	c.t.Helper()
	var p httpx.Problem
	header := c.want(status, method, path, body, &p, headers...)
	if p.Type != httpx.ProblemBase+string(code) || p.Status != status || header.Get("Content-Type") != "application/problem+json" {
		c.t.Fatalf("%s %s: got %+v (%s), want %s", method, path, p, header.Get("Content-Type"), code)
	}
}
