package sim

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"allhours/cloud"
	"allhours/firmware-sim/cabinet"
	"allhours/firmware-sim/physics"
	"allhours/protocol"
	"allhours/protocol/claim"
)

// town is a whole system: cabinets with their agents, the network, the service, and the payment provider.
type town struct {
	t       *testing.T
	dir     string
	net     *network
	bank    *bank
	service *service
	chance  *rand.Rand // of the test's own goroutine
	boxes   []*box
	began   time.Time
	prices  map[protocol.SKU]protocol.Fen
	log     *slog.Logger
	// expected are incidents that a story is about.
	expected map[cloud.IncidentKind]bool
}

// ware is an article. Takes of one or two units of those on one shelf can be told apart.
type ware struct {
	sku      protocol.SKU
	unit, sd int // milligrams
	price    int // fen
}

var wares = []ware{
	{"1001", 571_000, 900, 350},
	{"1002", 133_000, 500, 420},
	{"1003", 337_000, 700, 1290},
	{"1004", 1_021_000, 1500, 880},
	{"1005", 218_000, 600, 560},
}

// hold is what is reserved before a door opens, in fen.
const hold = 5000

// shelves is a cabinet with two shelves, lanes one with four lanes; both poll a slow line, which fake time makes cheap.
func shelves(id protocol.CabinetID, seed uint64) cabinet.Plan {
	return cabinet.Plan{
		Cabinet: id, Layout: cabinet.Shelves, Seed: seed, Baud: 19200, ResponseUS: 3000,
		Platforms: []cabinet.Platform{platform("S1", 20_000_000, 1000, 0, 1), platform("S2", 20_000_000, 1000, 2, 3)},
	}
}

func lanes(id protocol.CabinetID, seed uint64) cabinet.Plan {
	return cabinet.Plan{
		Cabinet: id, Layout: cabinet.Lanes, Seed: seed, Baud: 19200, ResponseUS: 3000,
		Platforms: []cabinet.Platform{
			platform("A1", 8_000_000, 500, 0), platform("A2", 8_000_000, 500, 1),
			platform("A3", 8_000_000, 500, 2), platform("A4", 8_000_000, 500, 4),
		},
	}
}

func platform(id protocol.PlatformID, capacity, division protocol.Milligrams, goods ...int) cabinet.Platform {
	p := cabinet.Platform{ID: id, Capacity: capacity, Division: division}
	for _, i := range goods {
		w := wares[i]
		p.Goods = append(p.Goods, cabinet.Good{SKU: w.sku, Unit: protocol.Milligrams(w.unit), SD: protocol.Milligrams(w.sd), Stock: 6})
	}
	return p
}

// settings of a town; a zero is an ordinary one.
type settings struct {
	seed   uint64
	plans  []cabinet.Plan
	kept   map[protocol.CabinetID]*physics.State
	offset time.Duration // of the service's clock against the cabinets'
	log    slog.Handler
	from   *prepared // nil: a new fleet is planned and enrolled
}

// prepared is the data of a fleet that was planned and enrolled before, so that not every seed has to.
type prepared struct {
	folder string
	papers map[protocol.CabinetID]papers
}

// prepare plans and enrols a fleet.
func prepare(t *testing.T, plans []cabinet.Plan) *prepared {
	t.Helper()
	p := &prepared{folder: diskFolder(t), papers: map[protocol.CabinetID]papers{}}
	synctest.Test(t, func(t *testing.T) {
		v := newTown(t, settings{plans: plans})
		defer v.net.close()
		for _, b := range v.boxes {
			p.papers[b.id] = b.papers
			b.close()
		}
		v.service.stop()
		copyFolder(t, v.service.folder(), p.folder)
	})
	return p
}

// newTown starts everything; end stops it.
func newTown(t *testing.T, s settings) *town {
	t.Helper()
	if s.log == nil {
		s.log = slog.DiscardHandler
	}
	log := slog.New(s.log)
	chance := func(stream uint64) *rand.Rand { return rand.New(rand.NewPCG(s.seed, stream)) }
	v := &town{t: t, dir: diskFolder(t), began: time.Now(), log: log.With("program", "town"), prices: map[protocol.SKU]protocol.Fen{}, expected: map[cloud.IncidentKind]bool{}}
	for _, w := range wares {
		v.prices[w.sku] = protocol.Fen(w.price)
	}
	v.chance = chance(0)
	v.net = newNetwork(s.seed)
	v.bank = newBank(chance(1), t.Context().Done())
	v.service = newService(t, v.dir, v.net, v.bank, s.offset, log)
	if s.from != nil {
		copyFolder(t, s.from.folder, v.service.folder())
	}
	v.service.start()
	joined := v.enrol(s)
	for i, plan := range s.plans {
		b := newBox(t, plan, s.kept[plan.Cabinet], v.net, v.dir, chance(100+uint64(i)), log)
		b.papers = joined[plan.Cabinet]
		v.boxes = append(v.boxes, b)
		b.start()
	}
	return v
}

// enrol plans the fleet and gives each cabinet its papers, where that was not done before.
func (v *town) enrol(s settings) map[protocol.CabinetID]papers {
	v.t.Helper()
	if s.from != nil {
		return s.from.papers
	}
	admin := v.service.up().server.Admin()
	if _, err := admin.Apply(v.t.Context(), v.masterData(s.plans)); err != nil {
		v.t.Fatalf("apply: %v", err)
	}
	if err := admin.AddStaff(v.t.Context(), restockerName, protocol.RoleRestocker, "lit-window-at-night"); err != nil {
		v.t.Fatalf("add staff: %v", err)
	}
	joined := map[protocol.CabinetID]papers{}
	for i, plan := range s.plans {
		joined[plan.Cabinet] = v.claim(plan.Cabinet, byte(i+1))
	}
	return joined
}

// papers are what a cabinet has after its claim.
type papers struct {
	claim.Papers
	Password string
}

// claim makes papers that any box can use for the cabinet: they name a journal that nobody writes, and the first that
// somebody does takes its place.
func (v *town) claim(id protocol.CabinetID, device byte) papers {
	v.t.Helper()
	up := v.service.up().server
	code, err := up.Admin().Enrol(v.t.Context(), id, time.Hour)
	if err != nil {
		v.t.Fatalf("enrol: %v", err)
	}
	r := claim.NewRequest(code.Code, ed25519.NewKeyFromSeed(bytes.Repeat([]byte{device}, ed25519.SeedSize)), protocol.UUID{device})
	given, err := up.Claims().Claim(v.t.Context(), r, "")
	if err != nil {
		v.t.Fatalf("claim: %v", err)
	}
	if err := up.Admin().CardReplaced(v.t.Context(), id); err != nil {
		v.t.Fatalf("card replaced: %v", err)
	}
	return papers{Papers: given, Password: r.Password}
}

// note writes down what happens outside of both sides.
func (v *town) note(what string, args ...any) { v.log.Info(what, args...) }

// diskFolder lies in memory where there is room for it: every commit is flushed, and a real disk takes its time.
func diskFolder(t *testing.T) string {
	t.Helper()
	const shm = "/dev/shm"
	if info, err := os.Stat(shm); err != nil || !info.IsDir() {
		return t.TempDir()
	}
	dir, err := os.MkdirTemp(shm, "allhours-sim-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// end stops everything, so that no goroutine is left.
func (v *town) end() {
	for _, b := range v.boxes {
		b.close()
	}
	v.service.stop()
	v.net.close()
}

// ready waits until every cabinet sells.
func (v *town) ready() {
	v.t.Helper()
	for _, b := range v.boxes {
		if !waitFor(2*time.Minute, func() bool { return v.service.state(b.id) == "ready" }) {
			v.t.Fatalf("%s does not sell: %q", b.id, v.service.state(b.id))
		}
	}
}

// masterData is what the chain plans, as fleetctl apply reads it.
func (v *town) masterData(plans []cabinet.Plan) []byte {
	v.t.Helper()
	document := map[string]any{
		"chain": map[string]any{
			"name_zh": "店", "name_en": "Shop", "support_phone": "+8657100000110", "hold_fen": hold, "time_zone": "Asia/Shanghai",
			"offline": map[string]any{"valid_minutes": 2, "openings": 2, "fen": 2 * hold, "per_hours": 24, "cabinet_openings": 20},
		},
		"stores": []any{map[string]any{"id": "one", "name_zh": "一", "name_en": "One", "hours": []any{map[string]any{"open": "07:00", "close": "22:00"}}}},
	}
	var articles, cabinets []any
	for _, w := range wares {
		articles = append(articles, map[string]any{
			"sku": w.sku, "name_zh": "货" + w.sku, "name_en": "Ware " + w.sku, "category": "drinks", "zone": "ambient", "unit_mg": w.unit,
			"sd_mg": w.sd, "price_fen": w.price, "cost_fen": w.price / 2, "shelf_life_days": 30, "essential": false,
			"vat_percent": 13, "min_age": 0, "case_size": 12,
		})
	}
	for i, plan := range plans {
		cabinets = append(cabinets, plannedCabinet(plan, i+1))
	}
	document["articles"], document["cabinets"] = articles, cabinets
	text, err := json.Marshal(document)
	if err != nil {
		v.t.Fatal(err)
	}
	return text
}

func plannedCabinet(plan cabinet.Plan, number int) any {
	var platforms []any
	for _, p := range plan.Platforms {
		var goods []any
		for _, g := range p.Goods {
			if wareOf(g.SKU) {
				goods = append(goods, map[string]any{"sku": g.SKU, "stock": g.Stock})
			}
		}
		platforms = append(platforms, map[string]any{
			"id": p.ID, "compartment": 1, "capacity_mg": p.Capacity, "division_mg": p.Division, "goods": goods,
		})
	}
	return map[string]any{
		"id": plan.Cabinet, "store": "one", "number": number, "place_zh": "门", "place_en": fmt.Sprint("gate ", number),
		"layout": plan.Layout, "platforms": platforms,
	}
}

func wareOf(sku protocol.SKU) bool {
	for _, w := range wares {
		if w.sku == sku {
			return true
		}
	}
	return false
}
