package journal_test

import (
	"database/sql"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"allhours/edge"
	"allhours/edge/health"
	"allhours/edge/internal/journal"
	"allhours/protocol"
	"allhours/protocol/grant"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

func open(t *testing.T, dir string) *journal.Journal {
	t.Helper()
	j, err := journal.Open(options(dir))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Abandon() })
	return j
}

func options(dir string) journal.Options {
	return journal.Options{
		Dir: dir, Cabinet: "xs-01", Clock: edge.NewClock(), Entropy: rand.NewChaCha8([32]byte{9}),
	}
}

func visit(n byte) edge.Visit {
	return edge.Visit{
		ID: protocol.VisitID{6: 0x70, 8: 0x80, 15: n}, Compartment: 1, Purpose: protocol.PurposePurchase,
		Nonce: grant.Token{n}, NotBefore: time.UnixMilli(int64(n) * 1000).UTC(), Config: 1,
		Before: []wire.Weight{{Platform: "S1", Weight: 5000, OK: true}},
	}
}

func settled(n byte) wire.SettledBody {
	return wire.SettledBody{
		Visit: visit(n).ID, Compartment: 1, Purpose: protocol.PurposePurchase,
		Answer: settle.Answer{
			Decision: settle.Bill, Lines: []settle.Line{{SKU: "1001", Qty: 2}},
			Levels: []settle.Level{{Platform: "S1", Units: []settle.Line{{SKU: "1001", Qty: 7}, {SKU: "1002", Qty: -1}}}},
		},
	}
}

func config(version, stock uint64) wire.Config {
	return wire.Config{
		V: 1, Cabinet: "xs-01", Config: wire.ConfigVersion{FleetEpoch: 1, Version: version},
		Goods: map[protocol.SKU]wire.Good{"1001": {Unit: 571_000, Price: 200}},
		Stock: wire.StockCount{Version: stock, Book: map[protocol.PlatformID]map[protocol.SKU]int{"S1": {"1001": 9}}},
	}
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

func last(t *testing.T, j *journal.Journal) uint64 {
	t.Helper()
	_, last, err := j.Bounds()
	must(t, err)
	return last
}

func code(t *testing.T, err error, want protocol.Code) {
	t.Helper()
	if protocol.CodeOf(err) != want {
		t.Errorf("got %v: want %s", err, want)
	}
}

func TestNumbersGrowByOneAcrossBootsAndTheNameStays(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir)
	id := j.ID()
	must(t, j.Append(wire.BootBody{Clean: j.Clean()}, wire.AliveBody{}))
	if !j.Clean() || j.Boot() != 1 {
		t.Errorf("boot %d clean %v: a new journal begins clean with boot 1", j.Boot(), j.Clean())
	}
	must(t, j.Close())
	j = open(t, dir)
	if !j.Clean() {
		t.Error("closed in order, but not clean")
	}
	must(t, j.Append(wire.BootBody{Clean: j.Clean()}))
	must(t, j.Abandon())
	j = open(t, dir)
	if j.Clean() || j.Boot() != 3 || j.ID() != id {
		t.Errorf("boot %d clean %v id %s: want 3, a crash, and %s", j.Boot(), j.Clean(), j.ID(), id)
	}
	must(t, j.Append(wire.AliveBody{}))
	batch, err := j.Batch(1, 100)
	must(t, err)
	for i, e := range batch {
		if e.Seq != uint64(i+1) || e.Journal != id || e.Cabinet != "xs-01" || e.V != wire.Version {
			t.Errorf("event %d: %+v", i, e)
		}
	}
	if len(batch) != 4 || batch[3].Boot != 3 {
		t.Errorf("%d events: want 4, the last of boot 3", len(batch))
	}
}

func TestBurningIsWholeOrNotAtAll(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir)
	must(t, j.Burn(visit(1)))
	code(t, j.Burn(visit(1)), protocol.CodeUsed)
	other := visit(1)
	other.ID[0] = 5
	code(t, j.Burn(other), protocol.CodeUsed)
	code(t, j.Unused(other), protocol.CodeUsed)
	code(t, j.Burn(visit(2)), protocol.CodeBusy)
	if n := last(t, j); n != 1 {
		t.Errorf("%d events: refused grants must leave none", n)
	}
	must(t, j.Abandon())
	j = open(t, dir)
	left, err := j.Unfinished()
	must(t, err)
	if len(left) != 1 || left[0].ID != visit(1).ID || left[0].Opened || left[0].Before[0].Weight != 5000 {
		t.Errorf("after a crash %+v: want the visit with its weights", left)
	}
	floor, err := j.Floor()
	must(t, err)
	if !floor.Equal(visit(1).NotBefore) {
		t.Errorf("time floor %s: want that of the grant", floor)
	}
	must(t, j.Append(wire.AbortedBody{Visit: visit(1).ID, Code: protocol.CodeNotPulled}))
	code(t, j.Burn(visit(1)), protocol.CodeUsed)
	must(t, j.Burn(visit(2)))
}

func TestAnEventAndItsMeaningAreOneTransaction(t *testing.T) {
	j := open(t, t.TempDir())
	must(t, j.Apply(config(1, 1)), j.Burn(visit(1)), j.Append(wire.OpenedBody{Visit: visit(1).ID}), j.Append(settled(1)))
	book, err := j.Book()
	must(t, err)
	if book["S1"]["1001"] != 7 || book["S1"]["1002"] != 0 {
		t.Errorf("book %v: want what the settlement leaves, and never less than nothing", book)
	}
	counters, err := j.Counters()
	must(t, err)
	if want := (wire.Counters{Openings: 1, Units: 2, Fen: 400}); counters != want {
		t.Errorf("counters %+v: want %+v", counters, want)
	}
	before := last(t, j)
	for name, bodies := range map[string][]wire.Body{
		"a second settlement":              {settled(1)},
		"an abort after the settlement":    {wire.AbortedBody{Visit: visit(1).ID}},
		"an opening after the end":         {wire.OpenedBody{Visit: visit(1).ID}},
		"a settlement that nobody begun":   {settled(9)},
		"good news before a contradiction": {wire.AliveBody{}, settled(1)},
	} {
		if err := j.Append(bodies...); !errors.Is(err, journal.ErrContradiction) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	after, err := j.Counters()
	must(t, err)
	if last(t, j) != before || after != counters {
		t.Error("a refused event left a trace")
	}
}

func TestACountOfStockReplacesTheBookOnce(t *testing.T) {
	j := open(t, t.TempDir())
	must(t, j.Apply(config(1, 1)), j.Burn(visit(1)), j.Append(settled(1)), j.Apply(config(2, 1)))
	book, err := j.Book()
	must(t, err)
	if book["S1"]["1001"] != 7 {
		t.Errorf("book %v: the same count came again and undid a sale", book)
	}
	must(t, j.Apply(config(3, 2)))
	book, err = j.Book()
	must(t, err)
	if book["S1"]["1001"] != 9 {
		t.Errorf("book %v: want the new count", book)
	}
}

func TestTheStepsOfAVisitAreReadInOrder(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir)
	step := func(n byte, platforms ...protocol.PlatformID) wire.StepBody {
		b := wire.StepBody{Visit: visit(n).ID}
		for _, p := range platforms {
			b.Steps = append(b.Steps, settle.Step{At: 5, Platform: p, Delta: -133_000, What: settle.Taken})
		}
		return b
	}
	must(t, j.Burn(visit(1)), j.Append(step(1, "A2")), j.Append(settled(1)), j.Burn(visit(2)), j.Append(step(2, "A1", "A3")), j.Abandon())
	j = open(t, dir)
	must(t, j.Append(step(2, "A2")))
	steps, err := j.Steps(visit(2).ID)
	must(t, err)
	if want := append(step(2, "A1", "A3").Steps, step(2, "A2").Steps...); !slices.Equal(steps, want) {
		t.Errorf("steps %+v: want %+v", steps, want)
	}
	if steps, err = j.Steps(visit(3).ID); err != nil || len(steps) != 0 {
		t.Errorf("steps of a visit that was never begun: %+v, %v", steps, err)
	}
}

func TestStopsAndTroublesSurviveABoot(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir)
	must(t, j.Append(
		wire.ScaleBody{EventType: wire.ScaleFault, Platform: "S1", Reason: "silent"},
		wire.SaleBody{EventType: wire.SaleStopped, Compartment: 1, Code: protocol.CodeNotSelling},
		wire.SaleBody{EventType: wire.SaleResumed, Compartment: 1},
		wire.SaleBody{EventType: wire.SaleStopped, Compartment: 1, Code: protocol.CodeScaleFault}),
		j.Burn(visit(1)), j.Append(settled(1)), j.Abandon())
	j = open(t, dir)
	stops, err := j.Stops()
	must(t, err)
	troubles, err := j.Troubles()
	must(t, err)
	if len(stops) != 1 || stops[0].Code != protocol.CodeScaleFault || troubles["S1"] != (edge.Trouble{Reason: "silent", Visits: 1}) {
		t.Errorf("stops %+v, troubles %+v", stops, troubles)
	}
}

func TestTheMarkMovesBothWaysButNeverBeyondTheEnd(t *testing.T) {
	j := open(t, t.TempDir())
	must(t, j.Append(wire.AliveBody{}, wire.AliveBody{}), j.Ack(2, 1), j.Ack(1, 2))
	code(t, j.Ack(3, 2), protocol.CodeStale)
	upTo, epoch, err := j.Acked()
	must(t, err)
	if upTo != 1 || epoch != 2 {
		t.Errorf("mark %d epoch %d: want 1 and 2", upTo, epoch)
	}
}

func TestOnlyAcknowledgedEventsArePruned(t *testing.T) {
	cases := []struct {
		name  string
		acked uint64
		bytes int64
		later time.Duration
		blind bool // the cabinet never knew the time
		first uint64
	}{
		{"young events stay though they are acknowledged", 5, 0, time.Hour, false, 1},
		{"old events go as far as they are acknowledged", 5, 0, 15 * 24 * time.Hour, false, 6},
		{"old events that nobody acknowledged stay", 0, 0, 400 * 24 * time.Hour, false, 1},
		{"events that were written before the time was known are not old by their stamp", 5, 0, 26 * 365 * 24 * time.Hour, true, 1},
		{"too many bytes go as far as they are acknowledged", 5, 1, time.Hour, false, 6},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			opt := options(t.TempDir())
			opt.KeepBytes = c.bytes
			j, err := journal.Open(opt)
			must(t, err)
			defer func() { _ = j.Close() }()
			if !c.blind {
				opt.Clock.Heard(time.Now())
			}
			for range 10 {
				must(t, j.Append(wire.AliveBody{}))
			}
			must(t, j.Ack(c.acked, 1), j.Prune(time.Now().Add(c.later)))
			first, last, err := j.Bounds()
			must(t, err)
			if first != c.first || last != 10 {
				t.Errorf("kept %d to %d: want %d to 10", first, last, c.first)
			}
			must(t, j.Append(wire.AliveBody{}))
			if _, last, err = j.Bounds(); err != nil || last != 11 {
				t.Errorf("next number %d, %v: want 11", last, err)
			}
		})
	}
}

func TestABatchIsBoundedAndHasNoHoles(t *testing.T) {
	j := open(t, t.TempDir())
	for range 3 {
		bodies := make([]wire.Body, 100)
		for i := range bodies {
			bodies[i] = wire.AliveBody{}
		}
		must(t, j.Append(bodies...))
	}
	batch, err := j.Batch(5, 300)
	must(t, err)
	payload, err := wire.Encode(batch)
	must(t, err)
	decoded, err := wire.DecodeBatch(payload, "xs-01")
	must(t, err)
	if len(batch) != wire.MaxBatchEvents || decoded[0].Seq != 5 || decoded[0].Hash() != batch[0].Hash() {
		t.Errorf("%d events from %d", len(batch), decoded[0].Seq)
	}
	big := wire.BootBody{Version: string(make([]byte, 30<<10))}
	must(t, j.Append(big, big, big))
	if batch, err = j.Batch(301, 303); err != nil || len(batch) != 1 {
		t.Errorf("%d events of 180 kB in one batch, %v: want 1", len(batch), err)
	}
}

func TestADamagedFileIsSaidToBeDamaged(t *testing.T) {
	for name, spoil := range map[string]func(path string) error{
		"no database at all": func(path string) error { return os.WriteFile(path, make([]byte, 8192), 0o600) },
		"a page of noise in the middle": func(path string) error {
			f, err := os.OpenFile(path, os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			noise := make([]byte, 4096*3)
			for i := range noise {
				noise[i] = byte(i * 31)
			}
			_, err = f.WriteAt(noise, 4096*2)
			return errors.Join(err, f.Close())
		},
		"a newer program's file is no damage": func(path string) error {
			db, err := sql.Open("sqlite3", path)
			if err != nil {
				return err
			}
			_, err = db.Exec(`PRAGMA user_version = 99`)
			return errors.Join(err, db.Close())
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			j := open(t, dir)
			for range 100 {
				must(t, j.Append(wire.AliveBody{}))
			}
			must(t, j.Close(), spoil(filepath.Join(dir, "journal.db")))
			_, err := journal.Open(options(dir))
			if damaged := name != "a newer program's file is no damage"; err == nil || errors.Is(err, journal.ErrDamaged) != damaged {
				t.Errorf("got %v: want it refused, damaged %v", err, damaged)
			}
		})
	}
}

func TestWhatIsKnownBetweenVisitsOutlivesTheBoot(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir)
	warmth := map[protocol.Compartment]edge.Warmth{1: {State: health.State{Warm: time.Minute, Shut: time.Hour, Above: true, Highest: 83}, At: 7}, 2: {}}
	drifts := map[protocol.PlatformID]edge.Drift{"S1": {Zero: -1200, Open: 300}, "S2": {}}
	learnt := map[protocol.SKU]edge.Learnt{"1001": {Master: 571_000, Unit: 572_300, Told: 571_000, Visits: 2, Units: 5, Sum: 2_861_000}}
	must(t, j.SaveDrifts(map[protocol.PlatformID]edge.Drift{"S1": {Zero: 9}}), j.SaveDrifts(drifts), j.SaveLearnt(learnt), j.SaveWarmth(warmth), j.Close())
	j = open(t, dir)
	gotDrifts, err := j.Drifts()
	must(t, err)
	gotLearnt, err := j.Learnt()
	must(t, err)
	gotWarmth, err := j.Warmth()
	must(t, err)
	if !reflect.DeepEqual(gotDrifts, drifts) || !reflect.DeepEqual(gotLearnt, learnt) || !reflect.DeepEqual(gotWarmth, warmth) {
		t.Errorf("remembered %+v, %+v and %+v: want %+v, %+v and %+v", gotDrifts, gotLearnt, gotWarmth, drifts, learnt, warmth)
	}
}

func TestAFileOfTheFirstSchemaGetsWhatItLacks(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir)
	must(t, j.Append(wire.AliveBody{}))
	id, before := j.ID(), last(t, j)
	must(t, j.Close())
	db, err := sql.Open("sqlite3", filepath.Join(dir, "journal.db"))
	must(t, err)
	_, err = db.Exec(`DROP TABLE drifts; DROP TABLE learnt; DROP TABLE shown; DROP TABLE warmth; DROP TABLE corrections; PRAGMA user_version = 1`)
	must(t, err, db.Close())
	j = open(t, dir)
	must(t, j.SaveDrifts(map[protocol.PlatformID]edge.Drift{"S1": {Zero: 5}}))
	if j.ID() != id || last(t, j) != before {
		t.Errorf("journal %s ends at %d: want %s and %d as before", j.ID(), last(t, j), id, before)
	}
}
