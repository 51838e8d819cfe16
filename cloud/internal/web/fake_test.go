package web_test

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"slices"
	"strings"
	"sync"
	"time"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/grant"
	"allhours/protocol/planogram"
	"allhours/protocol/wire"
)

// noon is when everything in these tests happens: 02:14 in Hangzhou.
var noon = time.Date(2026, 11, 21, 18, 14, 0, 0, time.UTC)

const (
	supportPhone = "0571-8888-0000"
	demoCode     = "246810"
	goodPassword = "the lamp is on"
	testPhone    = "+8613800001234"
)

// world is a fleet that does what a test tells it to.
type world struct {
	mu       sync.Mutex
	lookedAt []time.Time // from and to of each list of looks
	cabinets []cloud.CabinetView
	goods    map[protocol.CabinetID][]cloud.ShelfGood
	plans    map[protocol.CabinetID]planogram.Proposal
	visits   []cloud.Visit
	reviews  []cloud.Review
	begin    func(cloud.BeginVisit) error
	begun    []cloud.BeginVisit
	said     []cloud.Attestation
	decided  []cloud.DecideReview
	looks    []cloud.CaseOpening
	wishes   cloud.Wishes
	seen     []protocol.VisitID

	recording cloud.RecordingState
	shop      *workshop
	stock     stockroom
	purses    *purses
	taken     protocol.Fen // by the provider of each case, before the books were restored
	planner   *planner
	rolling   *rolling
	accounts  *accounts
	desk      *desk
	trolley   *trolley
	wagon     *wagon
	album     *album
	troubles  *troubles
	served    *servedWorld
	dusk      *dusk
	larder    *larder
	totals    *ledgerOfDays
	signs     *signboard
	brake     *brake
	keeper    *keeper
	staff     *staffRoom
	sessions  map[string]cloud.Principal
	watchers  map[chan struct{}]bool
	now       func() time.Time
}

func id(n byte) protocol.UUID { return protocol.UUID{0: 1, 6: 0x70, 8: 0x80, 15: n} }

var (
	anna    = cloud.Principal{ID: id(200), Role: protocol.RoleResident, Name: "138****1234"}
	bert    = cloud.Principal{ID: id(201), Role: protocol.RoleResident, Name: "139****9999"}
	manager = cloud.Principal{ID: id(202), Role: protocol.RoleManager, Name: "manager"}
)

func newWorld() *world {
	w := &world{
		goods: map[protocol.CabinetID][]cloud.ShelfGood{}, plans: map[protocol.CabinetID]planogram.Proposal{}, watchers: map[chan struct{}]bool{}, now: func() time.Time { return noon },
		sessions: map[string]cloud.Principal{"anna": anna, "bert": bert, "manager": manager, "technician": technician, "mei": mei, "auditor": auditor, "wang": wang, "boss": boss},
	}
	w.shop, w.purses, w.accounts, w.desk, w.trolley = newWorkshop(w), &purses{}, &accounts{}, &desk{w: w}, &trolley{w: w}
	w.wagon, w.troubles, w.larder, w.served = &wagon{trolley: w.trolley}, &troubles{}, &larder{w: w}, &servedWorld{}
	w.totals, w.signs = &ledgerOfDays{}, &signboard{}
	w.brake = &brake{w: w}
	w.keeper = newKeeper()
	w.rolling = &rolling{}
	w.dusk = &dusk{w: w}
	w.album = &album{}
	w.staff = newStaffRoom()
	w.planner = &planner{preview: cloud.Preview{Revision: 7}}
	for i, place := range []cloud.Text{
		{Zh: "钱江花园 2 号门", En: "Qianjiang Garden, gate 2"},
		{Zh: "钱江花园 1 号门", En: "Qianjiang Garden, gate 1"},
		{Zh: "钱江花园 快递站旁", En: "Qianjiang Garden, by the parcel room"},
		{Zh: "湘湖人家 东门", En: "Xianghu Court, east gate"},
		{Zh: "湘湖人家 地库入口", En: "Xianghu Court, garage entrance"},
		{Zh: "湘湖人家 会所", En: "Xianghu Court, clubhouse"},
	} {
		w.addCabinet(i, place)
	}
	return w
}

func (w *world) addCabinet(i int, place cloud.Text) {
	cab := cloud.CabinetView{
		Cabinet: cloud.Cabinet{
			ID: protocol.CabinetID([]string{"qj-1", "qj-2", "qj-3", "xh-1", "xh-2", "xh-3"}[i]), Store: []cloud.StoreID{"qj", "xh"}[i/3],
			Number: i%3 + 1, Place: place, Layout: "shelves", Config: 7,
		},
		StoreName: []cloud.Text{{Zh: "钱江花园店", En: "Qianjiang Garden store"}, {Zh: "湘湖店", En: "Xianghu store"}}[i/3],
		State:     cloud.CabinetReady,
	}
	if i == 2 || i == 5 {
		cab.Layout = "lanes"
	}
	var weights []wire.Weight
	for n, platform := range platformsOf(cab.Layout) {
		cab.Platforms = append(cab.Platforms, cloud.Platform{ID: platform, Compartment: 1})
		weights = append(weights, wire.Weight{Platform: platform, Weight: protocol.Milligrams(4_120_000 + 310_000*n), OK: true})
	}
	cab.Presence = cloud.Presence{
		Connected: true, LastSeen: noon.Add(-12 * time.Second), Applied: wire.ConfigVersion{Version: 7}, Versions: wire.Versions{Agent: "0.1", Rule: "1"},
		Telemetry: &wire.Telemetry{PollHz: 14.6, Compartments: []wire.CompartmentTelemetry{{Compartment: 1, Door: wire.DoorStateShut, Selling: true, Weights: weights}}},
	}
	w.cabinets = append(w.cabinets, cab)
	w.goods[cab.ID] = goodsFor(cab)
}

func platformsOf(layout string) (ids []protocol.PlatformID) {
	rows, perRow := "S", 5
	if layout == "lanes" {
		rows, perRow = "ABC", 8
	}
	for _, row := range rows {
		for n := 1; n <= perRow; n++ {
			ids = append(ids, protocol.PlatformID(string(row)+string(rune('0'+n))))
		}
	}
	return ids
}

var articles = []cloud.Article{
	{SKU: "2001", Name: cloud.Text{Zh: "纯牛奶 250ml", En: "Milk 250 ml"}, Category: "dairy", Price: 350},
	{SKU: "1301", Name: cloud.Text{Zh: "拿铁咖啡 268ml", En: "Latte coffee 268 ml"}, Category: "coffee", Price: 600},
	{SKU: "2004", Name: cloud.Text{Zh: "酸奶 200g 杯", En: "Yogurt 200 g cup"}, Category: "dairy", Price: 580},
	{SKU: "1001", Name: cloud.Text{Zh: "饮用天然水 550ml", En: "Spring water 550 ml"}, Category: "water", Price: 200},
	{SKU: "1101", Name: cloud.Text{Zh: "可乐 330ml 罐", En: "Cola 330 ml can"}, Category: "soft-drink", Price: 300},
	{SKU: "1204", Name: cloud.Text{Zh: "茉莉花茶 500ml", En: "Jasmine tea 500 ml"}, Category: "tea", Price: 350},
	{SKU: "1401", Name: cloud.Text{Zh: "电解质饮料 500ml", En: "Electrolyte drink 500 ml"}, Category: "sports", Price: 500},
	{SKU: "1501", Name: cloud.Text{Zh: "橙汁 300ml", En: "Orange juice 300 ml"}, Category: "juice", Price: 700},
	{SKU: "3001", Name: cloud.Text{Zh: "全麦面包 360g", En: "Wholemeal bread 360 g"}, Category: "bakery", Price: 1190},
	{SKU: "3101", Name: cloud.Text{Zh: "三明治 火腿蛋", En: "Ham and egg sandwich"}, Category: "fresh-meal", Price: 990},
	{SKU: "4001", Name: cloud.Text{Zh: "桶装方便面 红烧", En: "Braised beef instant noodle cup"}, Category: "instant", Price: 500},
	{SKU: "4101", Name: cloud.Text{Zh: "薯片 原味 70g", En: "Potato chips plain 70 g"}, Category: "snack", Price: 690},
	{SKU: "5001", Name: cloud.Text{Zh: "苹果 单个", En: "Apple, one"}, Category: "fresh", Price: 490},
	{SKU: "6001", Name: cloud.Text{Zh: "抽纸 3 包", En: "Tissues, 3 packs"}, Category: "household", Price: 1290},
	{SKU: "7001", Name: cloud.Text{Zh: "牛奶巧克力 40g", En: "Milk chocolate 40 g"}, Category: "confectionery", Price: 850},
	{SKU: "8001", Name: cloud.Text{Zh: "老干妈 210g", En: "Chili crisp 210 g"}, Category: "pantry", Price: 1090},
}

func goodsFor(cab cloud.CabinetView) (goods []cloud.ShelfGood) {
	perPlatform := 3
	if cab.Layout == "lanes" {
		perPlatform = 1
	}
	for i, platform := range cab.Platforms {
		for k := range perPlatform {
			n := i*perPlatform + k
			goods = append(goods, cloud.ShelfGood{Platform: platform.ID, Article: articles[n%len(articles)], Price: articles[n%len(articles)].Price, Units: []int{7, 5, 9, 0, 2, 12, 1}[n%7]})
		}
	}
	return goods
}

func orderLines(skus ...int) []cloud.OrderLine {
	lines := []cloud.OrderLine{}
	for i, qty := range skus {
		if qty > 0 {
			lines = append(lines, cloud.OrderLine{SKU: articles[i].SKU, Name: articles[i].Name, Qty: qty, Price: articles[i].Price})
		}
	}
	return lines
}

func total(lines []cloud.OrderLine) (sum protocol.Fen) {
	for _, l := range lines {
		sum += l.Price * protocol.Fen(l.Qty)
	}
	return sum
}

// visitIn makes a visit of anna's at qj-1 that is in the given state.
func visitIn(state cloud.VisitState) cloud.Visit {
	v := cloud.Visit{
		ID: id(1), Cabinet: "qj-1", Compartment: 1, Purpose: protocol.PurposePurchase, Person: anna.ID, Hold: 5000,
		Payment: cloud.PaymentHeld, Lines: []cloud.OrderLine{}, Created: noon.Add(-3 * time.Second),
	}
	end := func(o cloud.Outcome, p cloud.Payment) { v.Outcome, v.Payment, v.Ended = o, p, noon }
	bill := func() { v.Lines = orderLines(1, 1); v.Total = total(v.Lines) }
	switch state {
	case cloud.StateOpening:
		v.Phase = wire.PhaseOpening
	case cloud.StateOpen:
		v.Phase, v.Lines = wire.PhaseOpen, orderLines(1, 1, 2)
		v.Total = total(v.Lines)
	case cloud.StateCounting:
		v.Phase = wire.PhaseCounting
	case cloud.StateUnknown:
		v.Payment = cloud.PaymentUnknown
	case cloud.StateCharged:
		bill()
		end(cloud.OutcomeSold, cloud.PaymentCaptured)
	case cloud.StateOwed:
		bill()
		end(cloud.OutcomeSold, cloud.PaymentOwed)
	case cloud.StateWaived:
		bill()
		end(cloud.OutcomeSold, cloud.PaymentWaived)
	case cloud.StateRefunded:
		bill()
		end(cloud.OutcomeSold, cloud.PaymentRefunded)
	case cloud.StateReview:
		bill()
		end(cloud.OutcomeSold, cloud.PaymentReview)
		v.Asked = v.Ended
	case cloud.StateNothingTaken:
		end(cloud.OutcomeNothingTaken, cloud.PaymentNone)
	case cloud.StateRestocked:
		end(cloud.OutcomeRestocked, cloud.PaymentNone)
		v.Purpose, v.Hold = protocol.PurposeRefill, 0
	case cloud.StateServiced:
		end(cloud.OutcomeServiced, cloud.PaymentNone)
		v.Purpose, v.Hold = protocol.PurposeService, 0
	case cloud.StateAborted:
		end(cloud.OutcomeAborted, cloud.PaymentNone)
		v.Code = protocol.CodeNotPulled
	}
	return v
}

// visitShown is a visit whose grant is shown; the cabinet may have refused it so far.
func visitShown(refused protocol.Code) cloud.Visit {
	v := visitIn(cloud.StateAuthorising)
	g := grant.Grant{Cabinet: "qj-1", Compartment: 1, Purpose: protocol.PurposePurchase, Visit: v.ID, Nonce: grant.Token{1}, NotBefore: noon, NotAfter: noon.Add(time.Minute)}
	raw, err := grant.Signer{KeyID: 1, Key: ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))}.Sign(g)
	if err != nil {
		panic(err)
	}
	v.Code, v.Pass, v.PassEnds = refused, grant.Text(raw), noon.Add(10*time.Minute)
	return v
}

// visitPassed is a visit whose grant can no longer be shown.
func visitPassed(refused protocol.Code) cloud.Visit {
	v := visitIn(cloud.StateUnknown)
	v.Code, v.PassEnds = refused, noon.Add(-time.Minute)
	return v
}

func (w *world) cabinet(id protocol.CabinetID) *cloud.CabinetView {
	for i := range w.cabinets {
		if w.cabinets[i].ID == id {
			return &w.cabinets[i]
		}
	}
	return nil
}

// change does something to the world and tells everyone who watches.
func (w *world) change(do func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	do()
	for ch := range w.watchers {
		select {
		case ch <- struct{}{}:
		default:
		}
	}
}

func (w *world) put(v cloud.Visit) {
	w.change(func() {
		for i := range w.visits {
			if w.visits[i].ID == v.ID {
				w.visits[i] = v
				return
			}
		}
		w.visits = append([]cloud.Visit{v}, w.visits...)
	})
}

func (w *world) watch() (<-chan struct{}, func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	ch := make(chan struct{}, 1)
	w.watchers[ch] = true
	return ch, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.watchers, ch)
	}
}

// Begin implements cloud.Visits.
func (w *world) Begin(_ context.Context, b cloud.BeginVisit) (cloud.Visit, error) {
	w.mu.Lock()
	w.begun = append(w.begun, b)
	refuse, now, n := w.begin, w.now(), len(w.begun)
	w.mu.Unlock()
	if refuse != nil {
		if err := refuse(b); err != nil {
			return cloud.Visit{}, err
		}
	}
	v := visitIn(cloud.StateAuthorising)
	v.ID, v.Person, v.Cabinet, v.Created = id(byte(100+n)), b.Person, b.Cabinet, now
	w.put(v)
	return v, nil
}

// Visit implements cloud.Visits.
func (w *world) Visit(_ context.Context, id protocol.VisitID) (cloud.Visit, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, v := range w.visits {
		if v.ID == id {
			return v, nil
		}
	}
	return cloud.Visit{}, protocol.Errorf(cloud.CodeUnknownVisit, "no visit %s", id)
}

// Latest implements cloud.Visits.
func (w *world) Latest(_ context.Context, cabinet protocol.CabinetID, person protocol.UUID, limit int) (found []cloud.Visit, _ error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, v := range w.visits {
		if (cabinet == "" || v.Cabinet == cabinet) && (person.IsZero() || v.Person == person) && len(found) < limit {
			found = append(found, v)
		}
	}
	return found, nil
}

// Watch implements cloud.Visits.
func (w *world) Watch(protocol.VisitID) (<-chan struct{}, func()) { return w.watch() }

// WatchFleet implements cloud.Fleet.
func (w *world) WatchFleet() (<-chan struct{}, func()) { return w.watch() }

// Reviews implements cloud.Visits.
func (w *world) Reviews(context.Context, cloud.Bound, int) ([]cloud.Review, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.reviews), nil
}

// Chain implements cloud.Fleet.
func (w *world) Chain(context.Context) (cloud.Chain, error) {
	return cloud.Chain{
		Name: cloud.Text{Zh: "萧邻便利", En: "Xiaolin Grocers"}, SupportPhone: supportPhone, Hold: 5000, TimeZone: "Asia/Shanghai", WaiveAfter: 72 * time.Hour,
		Disputing: cloud.Disputing{Within: 14 * 24 * time.Hour, SupportVisit: 5000, SupportFen: 20000, SupportPer: 30 * 24 * time.Hour},
	}, nil
}

// Stores implements cloud.Fleet.
func (w *world) Stores(context.Context) ([]cloud.Store, error) {
	return []cloud.Store{
		{ID: "qj", Name: cloud.Text{Zh: "钱江花园店", En: "Qianjiang Garden store"}, Hours: []cloud.Hours{{Open: 420, Close: 720}, {Open: 780, Close: 1320}}},
		{ID: "xh", Name: cloud.Text{Zh: "湘湖店", En: "Xianghu store"}},
	}, nil
}

// Cabinets implements cloud.Fleet.
func (w *world) Cabinets(context.Context) ([]cloud.CabinetView, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.cabinets), nil
}

// Cabinet implements cloud.Fleet.
func (w *world) Cabinet(_ context.Context, id protocol.CabinetID) (cloud.CabinetView, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if cab := w.cabinet(id); cab != nil {
		return *cab, nil
	}
	return cloud.CabinetView{}, protocol.Errorf(cloud.CodeUnknownCabinet, "no cabinet %q", id)
}

// Goods implements cloud.Fleet.
func (w *world) Goods(_ context.Context, id protocol.CabinetID) ([]cloud.ShelfGood, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.goods[id]), nil
}

// Planogram implements cloud.Planograms.
func (w *world) Planogram(_ context.Context, id protocol.CabinetID) (planogram.Proposal, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.plans[id], nil
}

// somePlan is a planogram with everything that can stand against one.
func somePlan() planogram.Proposal {
	milk, latte, yogurt, cola := articles[0].SKU, articles[1].SKU, articles[2].SKU, articles[4].SKU
	pair := func(platform protocol.PlatformID, reviews float64, a, b planogram.Units) planogram.Conflict {
		return planogram.Conflict{Platform: platform, A: []planogram.Units{a}, B: []planogram.Units{b}, Reviews: reviews}
	}
	sum := pair("S2", 4, planogram.Units{SKU: cola, Qty: 1}, planogram.Units{SKU: milk, Qty: 1})
	sum.A = append(sum.A, planogram.Units{SKU: yogurt, Qty: 1})
	return planogram.Proposal{
		Before: planogram.Report{
			Reviews: 87.4, Wrong: 2.1,
			Conflicts: []planogram.Conflict{
				pair("S1", 61, planogram.Units{SKU: milk, Qty: 1}, planogram.Units{SKU: latte, Qty: 1}),
				pair("S1", 22, planogram.Units{SKU: yogurt, Qty: 2}, planogram.Units{SKU: latte, Qty: 1}), sum,
				pair("S2", 0.3, planogram.Units{SKU: cola, Qty: 3}, planogram.Units{SKU: milk, Qty: 2}),
			},
			Platforms: []planogram.Load{{Platform: "S1", Weight: 31_400_000, Capacity: 30_000_000}, {Platform: "S2", Weight: 9_000_000, Capacity: 30_000_000}},
		},
		After: planogram.Report{Reviews: 6.2},
		Moves: []planogram.Move{{SKU: latte, Units: 7, From: "S1", To: "S3"}, {SKU: cola, Units: 5, From: "S3", To: "S1"}}, Nowhere: []protocol.SKU{yogurt},
	}
}

// Decide implements cloud.Visits.
func (w *world) Decide(_ context.Context, d cloud.DecideReview) (cloud.Visit, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if stands := w.decisionOf(d.Visit); stands != nil && stands.By != d.By {
		return cloud.Visit{}, protocol.Errorf(cloud.CodeConflict, "decided at %s", stands.At)
	}
	w.decided = append(w.decided, d)
	return cloud.Visit{ID: d.Visit}, nil
}

// Attest implements cloud.Food.
func (w *world) Attest(_ context.Context, a cloud.Attestation) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.said = append(w.said, a)
	return nil
}

// RequestCode implements cloud.People.
func (w *world) RequestCode(_ context.Context, phone string) (string, error) {
	if len(phone) < 8 || phone[0] != '+' {
		return "", protocol.Errorf(cloud.CodeBadPhone, "not a number")
	}
	return demoCode, nil
}

// SignIn implements cloud.People.
func (w *world) SignIn(_ context.Context, phone, code string) (string, cloud.Principal, error) {
	if phone != testPhone || code != demoCode {
		return "", cloud.Principal{}, protocol.Errorf(cloud.CodeBadCode, "not that code")
	}
	return "anna", anna, nil
}

// SignInStaff implements cloud.People.
func (w *world) SignInStaff(_ context.Context, name, password string, _ cloud.SignInFrom) (string, cloud.Principal, error) {
	if name != "manager" || password != goodPassword {
		return "", cloud.Principal{}, protocol.Errorf(cloud.CodeBadPassword, "not that password")
	}
	return "manager", manager, nil
}

// Remember implements cloud.People.
func (w *world) Remember(protocol.UUID, string) (string, error) { return "marked", nil }

// Session implements cloud.People.
func (w *world) Session(_ context.Context, token string) (cloud.Principal, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if p, known := w.sessions[token]; known {
		return p, nil
	}
	if strings.HasPrefix(token, "at-") {
		return cloud.Principal{}, protocol.Errorf(cloud.CodeSecondStep, "a step is still to do")
	}
	return cloud.Principal{}, protocol.Errorf(cloud.CodeNoSession, "no session")
}

// SignOut implements cloud.People.
func (w *world) SignOut(_ context.Context, token string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.sessions, cmp.Or(token, "-"))
	return nil
}
