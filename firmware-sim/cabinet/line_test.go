package cabinet_test

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"allhours/firmware-sim/cabinet"
	"allhours/firmware-sim/line"
	"allhours/protocol"
	"allhours/protocol/fieldbus/modbus"
)

// mbpoll is a Modbus master that nobody here wrote.
func mbpoll(t *testing.T, link string, args ...string) map[int]int {
	t.Helper()
	program, err := exec.LookPath("mbpoll")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("mbpoll is not installed")
		}
		t.Skip("mbpoll is not installed: apt-get install mbpoll")
	}
	args = append([]string{"-m", "rtu", "-b", "115200", "-P", "none", "-0", "-1", "-q", "-o", "0.5"}, append(args, link)...)
	out, err := exec.Command(program, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("mbpoll %v: %v\n%s", args, err, out)
	}
	values := map[int]int{}
	for _, found := range regexp.MustCompile(`\[(\d+)\]:\s+(-?\d+)`).FindAllSubmatch(out, -1) {
		register, _ := strconv.Atoi(string(found[1])) // the expression finds numbers only
		values[register], _ = strconv.Atoi(string(found[2]))
	}
	return values
}

func plug(t *testing.T, plan cabinet.Plan) string {
	t.Helper()
	link := filepath.Join(t.TempDir(), "line0")
	p, err := line.OpenPTY(link, line.Speed{Baud: plan.Baud, Response: plan.Response()}, build(t, plan))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return link
}

func TestMbpollReadsATransmitterAndTheRelayBoard(t *testing.T) {
	link := plug(t, shelves())
	gross := mbpoll(t, link, "-a", "11", "-t", "4", "-r", "80", "-c", "2")
	if got := gross[80]<<16 | gross[81]; got < 8*571-60 || got > 8*571+60 {
		t.Fatalf("mbpoll reads %d g of eight bottles", got)
	}
	switches := mbpoll(t, link, "-a", "1", "-t", "1", "-r", "0", "-c", "8")
	if len(switches) != 8 || switches[cabinet.DoorInput] != 1 || switches[cabinet.BoltInput] != 1 {
		t.Fatalf("mbpoll reads inputs %v of a shut and locked door", switches)
	}
}

func TestMbpollReadsThirtyTwoRelaysAndInputs(t *testing.T) {
	plan := shelves()
	plan.Locks = []cabinet.Lock{{Family: cabinet.ModbusRelay, Unit: cabinet.RelayUnit, Channels: 32, Doors: 16}}
	link := plug(t, plan)
	if switches := mbpoll(t, link, "-a", "1", "-t", "1", "-r", "0", "-c", "32"); len(switches) != 32 || switches[30] != 1 || switches[31] != 1 {
		t.Fatalf("mbpoll reads inputs %v of sixteen shut doors", switches)
	}
	if relays := mbpoll(t, link, "-a", "1", "-t", "0", "-r", "0", "-c", "32"); len(relays) != 32 || relays[31] != 0 {
		t.Fatalf("mbpoll reads relays %v before any is switched", relays)
	}
}

func TestMbpollReadsEightLanesAtOnce(t *testing.T) {
	weights := mbpoll(t, plug(t, lanes()), "-a", "11", "-t", "4", "-r", "0", "-c", "16")
	if len(weights) != 16 {
		t.Fatalf("mbpoll reads %v", weights)
	}
	for ch := range 8 {
		if got := weights[2*ch]<<16 | weights[2*ch+1]&0xFFFF; got < 80*571-600 || got > 80*571+600 {
			t.Fatalf("channel %d: %d tenths of a gram of eight bottles", ch, got)
		}
	}
}

func TestMbpollReadsATemperatureController(t *testing.T) {
	plan := shelves()
	plan.Devices = []cabinet.Device{{Family: cabinet.Dixell, Address: 31, Probes: []protocol.DeciCelsius{42, -200}, Shared: true}}
	probes := mbpoll(t, plug(t, plan), "-a", "31", "-t", "4", "-r", "256", "-c", "3")
	if want := map[int]int{256: 42, 257: 0x10000 - 200, 258: 0x7FFF}; !maps.Equal(probes, want) {
		t.Fatalf("mbpoll reads %v, want %v", probes, want)
	}
}

// full is a plan with as many platforms as the layout is built for.
func full(plan cabinet.Plan, platforms int) cabinet.Plan {
	for n := len(plan.Platforms); n < platforms; n++ {
		extra := plan.Platforms[0]
		extra.ID = protocol.PlatformID("X" + strconv.Itoa(n))
		plan.Platforms = append(plan.Platforms, extra)
	}
	return plan
}

// TestEveryChannelOfAFullLineCanBePolledTenTimesASecond masters the line under fake time, so that the figure is the
// line's own and no machine's.
func TestEveryChannelOfAFullLineCanBePolledTenTimesASecond(t *testing.T) {
	cases := []struct {
		plan     cabinet.Plan
		boards   int
		register uint16
		words    uint16
	}{{full(shelves(), 5), 5, 80, 2}, {full(lanes(), 24), 3, 0, 16}}
	for _, c := range cases {
		t.Run(string(c.plan.Layout), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				requests := []modbus.Request{modbus.Read(cabinet.RelayUnit, modbus.ReadInputs, 0, 8)}
				for i := range c.boards {
					requests = append(requests, modbus.Read(byte(cabinet.FirstScaleUnit+i), modbus.ReadHolding, c.register, c.words))
				}
				wire := line.NewMemory(line.Speed{Baud: c.plan.Baud, Response: c.plan.Response()}, build(t, c.plan))
				defer wire.Close()
				port, err := wire.Open()
				if err != nil {
					t.Fatal(err)
				}
				begin := time.Now()
				const rounds = 50
				for range rounds {
					for _, req := range requests {
						poll(t, port, req)
					}
				}
				rate := rounds / time.Since(begin).Seconds()
				t.Logf("%.1f polls of each channel a second", rate)
				if rate < 10 {
					t.Fatalf("%.1f polls of each channel a second, want 10", rate)
				}
			})
		})
	}
}

// poll is one exchange of a master that keeps the silence.
func poll(t *testing.T, port *line.Port, req modbus.Request) {
	t.Helper()
	frame, err := req.AppendFrame(nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := port.Write(frame); err != nil {
		t.Fatal(err)
	}
	reply := make([]byte, modbus.MaxFrame)
	n, err := port.Read(reply)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := req.ParseReply(reply[:n]); err != nil {
		t.Fatalf("%+v: %v", req, err)
	}
	time.Sleep(modbus.Silence(115200, 10))
}
