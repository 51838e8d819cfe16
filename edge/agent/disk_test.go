package agent

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"allhours/edge/internal/fakecloud"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

// smallDisk puts the cabinet's data on a disk of a few megabytes; that takes root, which CI has.
func (tn *town) smallDisk() {
	tn.Helper()
	if err := syscall.Mount("tmpfs", tn.dir, "tmpfs", 0, "size=8m"); err != nil {
		if os.Getenv("CI") == "true" {
			tn.Fatalf("a small disk cannot be mounted: %v", err)
		}
		tn.Skipf("a small disk cannot be mounted: %v", err)
	}
	tn.Cleanup(func() {
		if err := syscall.Unmount(tn.dir, 0); err != nil {
			tn.Error(err)
		}
	})
}

// fill leaves no room for another byte, as somebody else's log does.
func (tn *town) fill() {
	tn.Helper()
	f, err := os.Create(filepath.Join(tn.dir, "filler"))
	if err != nil {
		tn.Fatal(err)
	}
	for err == nil {
		_, err = f.Write(make([]byte, 512))
	}
	_ = f.Close()
}

func TestFaultDiskFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := emptyTown(t)
		tn.smallDisk()
		tn.boot()
		tn.cloud.Until("born", time.Minute, func() bool { return tn.cloud.Births() > 0 })
		tn.cloud.Configure(desired(1))
		tn.untilSelling()
		tn.openDoor(1)
		tn.pull()
		tn.fill()
		wait(2 * time.Second)
		for range 5 { // Its steps need more room than what happens to be left.
			tn.put(0, -571)
			wait(2 * time.Second)
			tn.put(0, 571)
			wait(2 * time.Second)
		}
		tn.put(0, -571)
		wait(2 * time.Second)
		tn.shut()
		wants(t, tn.settled(1), settle.Bill, settle.Line{SKU: water, Qty: 1})
		if _, err := os.Stat(filepath.Join(tn.dir, "visit.room")); err == nil {
			t.Error("the visit did without its room: the disk was not full")
		}

		tn.fill()
		tn.cloud.Until("it says so", 3*time.Minute, func() bool {
			c := tn.cloud.Telemetry().Compartments[0]
			return !c.Selling && c.Why == protocol.CodeDiskFull
		})
		if r := tn.openDoor(2); r.Code != protocol.CodeDiskFull {
			t.Errorf("reply %+v: want disk_full", r)
		}
		if tn.pulses != 1 {
			t.Errorf("%d pulses", tn.pulses)
		}
		if err := os.Remove(filepath.Join(tn.dir, "filler")); err != nil {
			t.Fatal(err)
		}
		tn.cloud.Until("it sells again", 3*time.Minute, func() bool { return tn.cloud.Telemetry().Compartments[0].Selling })
		tn.shop(3)
		wants(t, tn.settled(3), settle.Bill, settle.Line{SKU: water, Qty: 1})
		tn.stop() // Before the disk is taken away.
	})
}

func TestTracesGiveWayOnAFullDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := emptyTown(t)
		tn.smallDisk()
		tn.boot()
		tn.cloud.Until("born", time.Minute, func() bool { return tn.cloud.Births() > 0 })
		tn.cloud.Configure(desired(1))
		tn.untilSelling()
		tn.fill()
		dir := TraceFolder(tn.options().Config)
		err := errors.Join(os.Mkdir(dir, 0o700), // The disk is full of what was kept for disputes.
			os.Rename(filepath.Join(tn.dir, "filler"), filepath.Join(dir, fakecloud.ID(200).String()+".jsonl.gz")))
		if err != nil {
			t.Fatal(err)
		}
		wait(20 * time.Minute)
		tn.cloud.Until("it has said that it is alive", time.Minute, func() bool { return len(tn.cloud.Events(wire.Alive)) > 1 })
		tn.shop(1)
		wants(t, tn.settled(1), settle.Bill, settle.Line{SKU: water, Qty: 1})
		tn.stop() // Before the disk is taken away.
	})
}

func TestFaultDatabaseDamaged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := emptyTown(t)
		path := filepath.Join(tn.dir, "journal.db")
		if err := os.WriteFile(path, []byte("this is no database, it only has its name"), 0o600); err != nil {
			t.Fatal(err)
		}
		tn.boot()
		tn.cloud.Until("it says that it does not sell", time.Minute, func() bool {
			c := tn.cloud.Telemetry().Compartments
			return len(c) == 1 && !c[0].Selling && c[0].Why == protocol.CodeNotSelling
		})
		if tn.agent.Healthy() == nil {
			t.Error("it calls itself healthy")
		}
		id := fakecloud.ID(1)
		tn.cloud.Open(id, tn.cloud.Grant(id))
		if r := tn.reply(1); r.Code != protocol.CodeNotSelling {
			t.Errorf("reply %+v: want not_selling", r)
		}
		if tn.pulses != 0 {
			t.Error("a door was opened that nothing can record")
		}
		kept, err := os.ReadFile(path)
		if err != nil || string(kept) != "this is no database, it only has its name" {
			t.Errorf("the damaged file was touched: %q %v", kept, err)
		}
	})
}

func TestARefillIsAVisitThatIsWeighedAndSellsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := newTown(t)
		g := tn.cloud.Grant(fakecloud.ID(1))
		g.Purpose = protocol.PurposeRefill
		tn.cloud.Open(fakecloud.ID(1), g)
		if r := tn.reply(1); r.Code != protocol.CodeOK {
			t.Fatalf("reply %+v", r)
		}
		tn.pull()
		wait(2 * time.Second)
		tn.put(0, 571)
		wait(2 * time.Second)
		tn.put(0, 571)
		wait(2 * time.Second)
		tn.cloud.Until("the phone is told of two bottles while the door is open", 5*time.Second, func() bool {
			lives := tn.cloud.Lives()
			last := lives[len(lives)-1]
			return last.Phase == wire.PhaseOpen && len(last.Basket) == 0 && slices.Equal(last.Put, []wire.Put{{Platform: "S1", SKU: water, Units: 2}})
		})
		tn.shut()
		b := tn.settled(1)
		if len(b.Answer.Why) != 1 || len(b.Answer.Why[0].Steps) != 2 || b.Answer.Why[0].Steps[0].SKU != water || b.Answer.Why[0].Steps[0].Qty != 1 {
			t.Errorf("settled %+v: want one bottle put, and another", b.Answer)
		}
		if b.Purpose != protocol.PurposeRefill || b.Counters.Units != 0 || b.Counters.Openings != 1 || len(b.Answer.Lines) != 0 {
			t.Errorf("settled %+v: want a refill that counts an opening and sells nothing", b)
		}
		stock := tn.cloud.Events(wire.StockLevel)
		body, _ := tn.body(stock[len(stock)-1]).(wire.StockBody)
		if w := body.Levels[0].Weight - 11_142_000; w > 2000 || w < -2000 {
			t.Errorf("stock %+v: want the weight of two more bottles", body.Levels[0])
		}
		if u := body.Levels[0].Units; len(u) != 2 || u[0] != (settle.Line{SKU: water, Qty: 11}) {
			t.Errorf("units %+v: want the book with two more bottles", u)
		}
	})
}

func TestTheCabinetSpeaksEvery15MinutesAndCountsItsStockEachHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := newTown(t)
		wait(time.Hour + time.Minute)
		if n := len(tn.cloud.Events(wire.Alive)); n != 5 {
			t.Errorf("%d alive marks in an hour: want 5", n)
		}
		if n := len(tn.cloud.Events(wire.StockLevel)); n != 2 {
			t.Errorf("%d stock levels in an hour: want 2", n)
		}
	})
}

func TestAStopInTheMiddleOfAVisitLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := newTown(t)
		tn.openDoor(1)
		tn.pull()
		wait(2 * time.Second)
		tn.put(0, -571)
		wait(2 * time.Second)
		tn.stop()
		tn.boot()
		wait(5 * time.Second)
		tn.shut()
		wants(t, tn.settled(1), settle.Bill, settle.Line{SKU: water, Qty: 1})
	})
}

func TestANewAgentAnswersForItsFile(t *testing.T) {
	file := `
cabinet: xs-01
shard: 3
data: ` + t.TempDir() + `
mqtt: {url: "tcp://127.0.0.1:1", user: xs-01, password: secret}
keys: [{id: 1, public: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}]
status: "127.0.0.1:0"
lines: [{name: line0, path: /nowhere/line0, baud: 115200}]
locks: [{line: line0, compartments: [1], modbusrelay: {unit: 1, channels: [{relay: 0, door: {input: 1}, latch: {input: 2}}]}}]
scales: [{line: line0, platforms: [S1], modbusscale: {unit: 11}}]
`
	cfg, err := ParseConfig("cabinet.yaml", []byte(file))
	if err != nil {
		t.Fatal(err)
	}
	a, err := New(Options{Config: cfg})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := a.Run(ctx); err != nil {
		t.Errorf("a cabinet whose line and cloud are away stops with %v", err)
	}
	file = strings.Replace(file, "compartments: [1]", "compartments: [1, 2]", 1)
	if _, err := ParseConfig("cabinet.yaml", []byte(file)); err == nil {
		t.Error("two doors on one channel were taken")
	}
}
