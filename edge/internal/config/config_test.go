package config_test

import (
	"strings"
	"testing"

	"allhours/edge/internal/config"
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
`

func TestASoundFileIsRead(t *testing.T) {
	c, err := config.Parse("cabinet.yaml", []byte(sound))
	if err != nil {
		t.Fatal(err)
	}
	if c.Cabinet != "xs-01" || c.Shard != 12 || c.Locks[0].ModbusRelay == nil || c.Scales[1].RegisterMap.Channels != 2 {
		t.Fatalf("read %+v", c)
	}
}

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
		{"a lock on a line that is not there", "locks:\n  - line: line0", "locks:\n  - line: line9", `cabinet.yaml:11: locks[0].line: got "line9"`},
		{"a pulse that burns the solenoid", "pulse_ms: 500", "pulse_ms: 5000", "cabinet.yaml:13: locks[0].pulse_ms: got 5000"},
		{"a platform on two scales", "[A1, A2]", "[A1, S1]", `cabinet.yaml:20: scales[1].platforms[1]: "S1" is there twice`},
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
