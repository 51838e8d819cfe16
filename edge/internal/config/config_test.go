package config_test

import (
	"strings"
	"testing"
	"time"

	"allhours/edge/health"
	"allhours/edge/internal/config"
	"allhours/protocol/wire"
)

const sound = `cabinet: xs-01
shard: 12
data: run/cabinets/xs-01/agent
mqtt: {url: "tcp://127.0.0.1:1883", user: xs-01, password: secret}
keys:
  - {id: 1, public: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}
status: "127.0.0.1:9100"
lines:
  - {name: line0, path: run/line0, baud: 115200}
  - {name: line1, path: run/line1, baud: 9600}
  - {name: line2, path: run/line2, baud: 9600}
  - {name: line3, path: run/line3, baud: 9600}
locks:
  - line: line0
    compartments: [1]
    pulse_ms: 500
    modbusrelay: {unit: 1, channels: [{relay: 0, door: {input: 1}, latch: {input: 2}}]}
scales:
  - line: line0
    platforms: [S1]
    modbusscale: {unit: 11}
  - line: line0
    platforms: [A1, A2]
    registermap: {unit: 12, channels: 2, first: 0, count_mg: 100}
  - line: line1
    platforms: [B1]
    toledo: {unit: kg, decimals: 3, checksum: true}
thermometers:
  - line: line2
    compartments: [1, 0]
    dixell:
      unit: 31
      probes: 2
readers:
  - line: line3
    asciireader: {}
health:
  - compartments: [1]
    above_dc: 0
    shut_min: 45
`

func TestASoundFileIsRead(t *testing.T) {
	c, err := config.Parse("cabinet.yaml", []byte(sound))
	if err != nil {
		t.Fatal(err)
	}
	if c.Cabinet != "xs-01" || c.Shard != 12 || c.Locks[0].ModbusRelay == nil || c.Scales[1].RegisterMap.Channels != 2 {
		t.Fatalf("read %+v", c)
	}
	want := health.Limits{Above: 0, Shut: 45 * time.Minute, Warm: 15 * time.Minute, InAll: 2 * time.Hour}
	if got := c.LimitsOf(1, wire.Health{}); got != want || c.LimitsOf(2, wire.Health{}) != health.Defaults() {
		t.Errorf("limits %+v: want %+v, and of another compartment the defaults", got, want)
	}
	want.Warm = 5 * time.Minute
	if got := c.LimitsOf(1, wire.Health{WarmMin: 5}); got != want {
		t.Errorf("limits %+v: want %+v, by the chain where it says something", got, want)
	}
}

// relays is the lock board of the sound file.
const relays = "modbusrelay: {unit: 1, channels: [{relay: 0, door: {input: 1}, latch: {input: 2}}]}"

func TestAFaultNamesFileLineAndWhatWasExpected(t *testing.T) {
	cases := []struct{ name, old, changed, want string }{
		{"a field that nobody knows", "shard: 12", "shrad: 12", `[2:1] unknown field "shrad"`},
		{"a cabinet id that no topic can hold", "cabinet: xs-01", "cabinet: XS_01", "cabinet.yaml:1: cabinet: "},
		{"a shard beyond the last", "shard: 12", "shard: 64", "shard 64: want 0 to 63"},
		{"a broker elsewhere without TLS", "tcp://127.0.0.1:1883", "tcp://broker.example:1883", "cabinet.yaml:4: mqtt.url: broker.example:1883 is not on this machine: want tls://"},
		{"a sample of less than nothing", "status: ", "traces: {sample: -1}\nstatus: ", "cabinet.yaml:7: traces.sample: got -1"},
		{"a status page for everyone", "127.0.0.1:9100", "0.0.0.0:9100", "cabinet.yaml:7: status: "},
		{"a key that is too short", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "AAAA", "cabinet.yaml:6: keys: keys[0].public: want 32 bytes"},
		{"a baud rate of nothing", "baud: 115200", "baud: 0", "cabinet.yaml:9: lines[0].baud: got 0: want 1200 to 921600"},
		{"a lock on a line that is not there", "locks:\n  - line: line0", "locks:\n  - line: line9", `cabinet.yaml:14: locks[0].line: got "line9"`},
		{"a pulse that burns the solenoid", "pulse_ms: 500", "pulse_ms: 5000", "cabinet.yaml:16: locks[0].pulse_ms: got 5000"},
		{"a platform on two scales", "[A1, A2]", "[A1, S1]", `cabinet.yaml:23: scales[1].platforms[1]: "S1" is there twice`},
		{"a setting that its driver refuses", "modbusscale: {unit: 11}", "modbusscale: {unit: 0}", "cabinet.yaml:21: scales[0].modbusscale.unit: got 0: want 1 to 247"},
		{"a setting that is missing", "toledo: {unit: kg, ", "toledo: {", `cabinet.yaml:27: scales[2].toledo.unit: got "": want g or kg`},
		{"two drivers for one scale", "modbusscale: {unit: 11}", "modbusscale: {unit: 11}\n    mtsics: {unit: g}", "cabinet.yaml:19: scales[0]: more than one driver is set"},
		{"a driver that nobody knows", "asciireader: {}", "barcode: {}", `unknown field "barcode"`},
		{"more platforms than channels", "[S1]", "[S1, S2]", "cabinet.yaml:20: scales[0].platforms: got 2: the board has 1 channels"},
		{"more compartments than locks", "compartments: [1]\n", "compartments: [1, 2]\n", "cabinet.yaml:15: locks[0].compartments: got 2: want 1"},
		{"a lock board's polarity that nobody looked up", relays, "lock8a: {board: 1, locks: [1], feedback: hook}", `cabinet.yaml:17: locks[0].lock8a.contact: got "": want locked or open`},
		{"a lock that a board does not have", relays, "cu16:\n      board: 0\n      feedback: latch\n      locks: [17]", "cabinet.yaml:20: locks[0].cu16.locks[0]: got 17: want 1 to 16, each once"},
		{"a contact of nobody knows what", relays, "wkly:\n      locks: [0]\n      feedback: maybe", `cabinet.yaml:19: locks[0].wkly.feedback: got "maybe": want latch, door or hook`},
		{"a door that no contact tells", relays, "wkly: {locks: [0], feedback: latch}", "cabinet.yaml:15: locks[0].compartments[0]: no contact of the lock board tells of this door"},
		{"a door that no input tells", "door: {input: 1}, ", "", "cabinet.yaml:15: locks[0].compartments[0]: no contact of the lock board tells of this door"},
		{"two lock boards in one", relays, "cu48: {locks: [1], feedback: latch}\n    wkly: {locks: [1], feedback: latch}", "cabinet.yaml:14: locks[0]: more than one driver is set"},
		{"a relay that no board has", "relay: 0", "relay: 32", "cabinet.yaml:17: locks[0].modbusrelay.channels[0].relay: got 32: want 0 to 31"},
		{"two lock boards at one address", "scales:\n", "  - {line: line0, compartments: [2], cu16: {board: 3, locks: [1], feedback: hook}}\n  - {line: line0, compartments: [3], cu16: {board: 3, locks: [2], feedback: hook}}\nscales:\n", "cabinet.yaml:19: locks[2]: cu16 board 3 on line0 is taken by locks[1]"},
		{"two boards at one address", "unit: 12,", "unit: 11,", "cabinet.yaml:22: scales[1]: unit 11 on line0 is taken by scales[0]"},
		{"a scale and a lock board at one address", "modbusscale: {unit: 11}", "modbusscale: {unit: 1}", "scales[0]: unit 1 on line0 is taken by locks[0]"},
		{"a scale that speaks unasked beside other boards", "line: line1\n    platforms", "line: line0\n    platforms", "cabinet.yaml:25: scales[2].line: line0 is taken: locks[0] and scales[2] cannot share a line"},
		{"a reader beside a controller", "line: line3\n    ascii", "line: line2\n    ascii", "readers[0].line: line2 is taken: thermometers[0] and readers[0] cannot share a line"},
		{"a probe in a compartment that is not there", "compartments: [1, 0]", "compartments: [7, 0]", "cabinet.yaml:30: thermometers[0].compartments[0]: got 7"},
		{"a probe without a compartment", "compartments: [1, 0]", "compartments: [1]", "cabinet.yaml:30: thermometers[0].compartments: got 1: want 2"},
		{"limits of a compartment without a probe", "compartments: [1]\n    above", "compartments: [1, 2]\n    above", "cabinet.yaml:38: health[0].compartments[1]: got 2: want a compartment with a probe"},
		{"limits of nothing", "compartments: [1]\n    above", "compartments: []\n    above", "cabinet.yaml:38: health[0].compartments: want at least one"},
		{"a limit in whole degrees, or of an oven", "above_dc: 0", "above_dc: 1800", "cabinet.yaml:39: health[0].above_dc: got 1800: want -400 to 250"},
		{"a time of less than nothing", "shut_min: 45", "shut_min: -1", "cabinet.yaml:40: health[0].shut_min: got -1: want 1 to 1440"},
		{"a probe that a controller has not", "probes: 2", "probes: 9", "cabinet.yaml:33: thermometers[0].dixell.probes: got 9: want 1 to 3"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := config.Parse("cabinet.yaml", []byte(strings.Replace(sound, c.old, c.changed, 1)))
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "cabinet.yaml:") {
				t.Fatalf("got %v: want %q in it", err, c.want)
			}
		})
	}
}

func TestThePackagesSampleIsSound(t *testing.T) {
	if _, err := config.Load("../../package/files/cabinet.yaml"); err != nil {
		t.Error(err)
	}
}
