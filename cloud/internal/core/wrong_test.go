package core_test

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/docs"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

// goesOn shows that an event blocks nothing behind it: a mark of life is applied and acknowledged, and nothing is told
// of the database.
func (r *rig) goesOn(wrong ...wire.Event) {
	r.t.Helper()
	good := r.cabinet.journalled(wire.AliveBody{Selling: true, Counters: r.cabinet.counters})
	if err := r.cabinet.send(append(wrong, good)...); err != nil {
		r.t.Errorf("%v", err)
	}
	if a := r.cabinet.ack(); a.HaveUpTo != r.cabinet.last() {
		r.t.Fatalf("acknowledged up to %d of %d", a.HaveUpTo, r.cabinet.last())
	}
	r.mustBeReadable()
}

// mustBeReadable reads what pages read.
func (r *rig) mustBeReadable() {
	r.t.Helper()
	if _, err := r.core.Visits.Latest(r.t.Context(), "", protocol.UUID{}, 100); err != nil {
		r.t.Errorf("visits: %v", err)
	}
	if _, err := r.core.Visits.Reviews(r.t.Context(), "", 0); err != nil {
		r.t.Errorf("reviews: %v", err)
	}
	if _, err := r.core.Fleet.Goods(r.t.Context(), "xs-01"); err != nil {
		r.t.Errorf("goods: %v", err)
	}
	r.view(func(tx cloud.Tx) error {
		_, err := tx.Ledger.Balances("")
		_, err2 := tx.Meters.Levels("xs-01")
		if err == nil {
			err = err2
		}
		return err
	})
}

// journalAs journals an event whose body is any text.
func (c *cabinet) journalAs(kind wire.EventType, body string) wire.Event {
	e := c.journalled(wire.AliveBody{})
	e.Type, e.Body = kind, []byte(body)
	c.events[len(c.events)-1] = e
	return e
}

func TestAWrongEventBlocksNothingBehindIt(t *testing.T) {
	const most = "9223372036854775807"
	bill := func(change func(b *wire.SettledBody)) func(*rig, protocol.VisitID) wire.Event {
		return func(r *rig, v protocol.VisitID) wire.Event {
			b := r.cabinet.settled(v, settle.Line{SKU: "1001", Qty: 1})
			b.Counters, r.cabinet.counters = wire.Counters{}, wire.Counters{}
			change(&b)
			return r.cabinet.journalled(b)
		}
	}
	text := func(kind wire.EventType, body string) func(*rig, protocol.VisitID) wire.Event {
		return func(r *rig, _ protocol.VisitID) wire.Event { return r.cabinet.journalAs(kind, body) }
	}
	timed := func(at, up int64, body string) func(*rig, protocol.VisitID) wire.Event {
		return func(r *rig, _ protocol.VisitID) wire.Event {
			e := r.cabinet.journalAs(wire.VisitBegun, body)
			e.At, e.Up = at, up
			r.cabinet.events[len(r.cabinet.events)-1] = e
			return e
		}
	}
	stranger := `{"visit":"01931d3d-0000-7abc-8def-001122334455","compartment":1,"purpose":"purchase","price_version":1,"config":1}`
	for name, c := range map[string]struct {
		wrong func(*rig, protocol.VisitID) wire.Event
		want  cloud.VisitState // of the visit that was begun before
	}{
		"an unknown article":             {bill(func(b *wire.SettledBody) { b.Answer.Lines[0].SKU = "9999" }), cloud.StateReview},
		"a price version that never was": {timed(1, 0, `{"visit":"01931d3d-0000-7abc-8def-001122334455","compartment":1,"purpose":"purchase","price_version":99}`), cloud.StateOpening},
		"a plan that never was":          {bill(func(b *wire.SettledBody) { b.Config = 99 }), cloud.StateReview},
		"a plan beyond all numbers":      {bill(func(b *wire.SettledBody) { b.Config = 1<<64 - 1 }), cloud.StateReview},
		"an absurd quantity":             {bill(func(b *wire.SettledBody) { b.Answer.Lines[0].Qty = 1 << 62 }), cloud.StateReview},
		"a quantity below nothing":       {bill(func(b *wire.SettledBody) { b.Answer.Lines[0].Qty = -3 }), cloud.StateReview},
		"two quantities that overflow": {bill(func(b *wire.SettledBody) {
			b.Answer.Lines = []settle.Line{{SKU: "1001", Qty: 1 << 60}, {SKU: "1002", Qty: 1 << 60}}
		}), cloud.StateReview},
		"steps of absurd quantities": {bill(func(b *wire.SettledBody) {
			b.Answer.Why = []settle.Explanation{{Steps: []settle.Step{{Platform: "S1", SKU: "1001", Qty: -1 << 62}}}}
		}), cloud.StateReview},
		"a stray of an absurd quantity": {bill(func(b *wire.SettledBody) {
			b.Answer.Strays = []settle.Stray{{Platform: "S1", SKU: "1003", Qty: 1 << 62}}
		}), cloud.StateReview},
		"an unknown platform": {bill(func(b *wire.SettledBody) {
			b.Answer.Why = []settle.Explanation{{Lines: b.Answer.Lines, Steps: []settle.Step{{Platform: "Z9", SKU: "1001", Qty: -1}}}}
		}), cloud.StateCharged},
		"levels of an unknown platform": {text(wire.StockLevel, `{"levels":[{"platform":"Z9","weight_mg":`+most+`,"units":[{"sku":"1001","qty":`+most+`}]}]}`), cloud.StateOpening},
		"an end before all times":       {bill(func(b *wire.SettledBody) { b.ZeroAt = -1 << 62 }), cloud.StateCharged},
		"an hour before all times":      {timed(-1<<62, 0, stranger), cloud.StateOpening},
		"a settlement before all times": {func(r *rig, _ protocol.VisitID) wire.Event {
			b := r.cabinet.settled(protocol.UUID{1, 6: 0x70, 8: 0x80}, settle.Line{SKU: "1001", Qty: 1})
			b.Counters, r.cabinet.counters = wire.Counters{}, wire.Counters{}
			e := r.cabinet.journalled(b)
			e.At = -1 << 62
			r.cabinet.events[len(r.cabinet.events)-1] = e
			return e
		}, cloud.StateOpening},
		"the first moment of all":           {timed(0, 0, stranger), cloud.StateOpening},
		"an hour after all times":           {timed(1<<62, 1<<62, stranger), cloud.StateOpening},
		"a boot before all times":           {timed(1, -1<<62, stranger), cloud.StateOpening},
		"counters beyond all numbers":       {text(wire.Alive, `{"selling":true,"counters":{"openings":18446744073709551615,"units":18446744073709551615,"fen":`+most+`}}`), cloud.StateOpening},
		"counters that are no numbers":      {text(wire.Alive, `{"counters":{"fen":1e400}}`), cloud.StateOpening},
		"a door that there is not":          {text(wire.DoorOpened, `{"compartment":255}`), cloud.StateOpening},
		"a door beyond all doors":           {text(wire.DoorOpened, `{"compartment":65536}`), cloud.StateOpening},
		"a name with a zero byte":           {text(wire.ScaleFault, `{"platform":"S\u0000","reason":"\u0000"}`), cloud.StateOpening},
		"bytes that are no text":            {text(wire.ScaleFault, "{\"platform\":\"S\xff\xfe\",\"reason\":\"\xc3\"}"), cloud.StateOpening},
		"a body that is nothing":            {text(wire.VisitSettled, `null`), cloud.StateOpening},
		"a settlement of nobody's visit":    {text(wire.VisitSettled, `{"visit":"00000000-0000-0000-0000-000000000000","purpose":"purchase","answer":{"decision":"bill","lines":[]}}`), cloud.StateOpening},
		"a calibration by nothing":          {text(wire.ScaleSet, `{"platform":"","with":"","factor_ppm":`+most+`,"offset_mg":-`+most+`}`), cloud.StateOpening},
		"a type that nobody knows, and odd": {text("v\u0000isit.\xffdreamt", `{}`), cloud.StateOpening},
		"a purpose that is none":            {text(wire.VisitBegun, `{"visit":"01931d3d-0000-7abc-8def-001122334455","purpose":"cake"}`), cloud.StateOpening},
		"an opening of nobody's visit":      {text(wire.VisitOpened, `{"visit":"01931d3d-0000-7abc-8def-001122334455"}`), cloud.StateOpening},
	} {
		t.Run(name, func(t *testing.T) {
			inRig(t, func(t *testing.T, r *rig) {
				v, err := r.begin("")
				r.must(err)
				r.cabinet.does(begun(v.ID))
				r.goesOn(c.wrong(r, v.ID))
				later(10 * time.Second)
				r.is(v.ID, c.want)
				r.mustBeSound()
			})
		})
	}
}

// golden are the events of the protocol's own page, one of each type.
func golden(t testing.TB) (all []wire.Event) {
	t.Helper()
	shown, err := docs.GoldenEvents()
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range slices.Sorted(maps.Keys(shown)) {
		var e wire.Event
		if err := json.Unmarshal(shown[kind], &e); err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
	return all
}

// nasty are values that a field may hold after a fault of a program, a disk or a line.
var nasty = []string{
	`null`, `0`, `-1`, `1e400`, `9223372036854775807`, `-9223372036854775808`, `18446744073709551615`, `0.5`, `true`, `""`, `"\u0000"`, "\"\xff\"",
	`[]`, `{}`, `[{}]`, `[null]`, `"01931d3d-0000-7abc-8def-001122334455"`, `"bill"`, `"1001"`, `{"qty":4611686018427387904}`,
}

// leaf is a value within a body.
var leaf = regexp.MustCompile(`:("[^"]*"|-?[0-9.]+|true|false|null|\[\]|\[|\{)`)

// spoil puts something nasty in the place of some values.
func spoil(chance *rand.Rand, body string) string {
	for range 1 + chance.IntN(3) {
		places := leaf.FindAllStringIndex(body, -1)
		if len(places) == 0 {
			break
		}
		at := places[chance.IntN(len(places))]
		if end := body[at[1]-1]; end == '[' || end == '{' {
			continue
		}
		body = body[:at[0]+1] + nasty[chance.IntN(len(nasty))] + body[at[1]:]
	}
	return body
}

func TestSpoiltEventsBlockNothingBehindThem(t *testing.T) {
	const seed, rounds = 20261128, 300
	chance := rand.New(rand.NewPCG(seed, 1))
	kinds := golden(t)
	inRig(t, func(t *testing.T, r *rig) {
		for n := range rounds {
			e := kinds[chance.IntN(len(kinds))]
			wrong := r.cabinet.journalAs(e.Type, spoil(chance, string(e.Body)))
			if !json.Valid(wrong.Body) {
				t.Fatalf("seed %d, round %d: the spoilt body is no JSON: %s", seed, n, wrong.Body)
			}
			if chance.IntN(4) == 0 {
				times := []int64{-1 << 62, -1, 0, 1, 1 << 62}
				wrong.At, wrong.Up, wrong.Clock = times[chance.IntN(5)], times[chance.IntN(5)], chance.IntN(2) == 0
				r.cabinet.events[len(r.cabinet.events)-1] = wrong
			}
			if r.goesOn(wrong); t.Failed() {
				t.Fatalf("seed %d, round %d: %s %s", seed, n, wrong.Type, wrong.Body)
			}
		}
	})
}

func FuzzTheBodyOfAnEvent(f *testing.F) {
	for _, e := range golden(f) {
		f.Add(string(e.Type), []byte(e.Body))
	}
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		if !json.Valid(body) || len(body) > 8<<10 {
			return // No body: the whole batch could not be read.
		}
		inRig(t, func(t *testing.T, r *rig) { r.goesOn(r.cabinet.journalAs(wire.EventType(kind), string(body))) })
	})
}
