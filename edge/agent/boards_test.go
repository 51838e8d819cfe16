package agent

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"allhours/edge"
	"allhours/edge/internal/bus/bustest"
	"allhours/edge/internal/driver/hexscript"
	"allhours/protocol/fieldbus"
	"allhours/protocol/fieldbus/toledo"
	"allhours/protocol/grant"
)

const mixed = `cabinet: xs-01
shard: 3
data: unused
mqtt: {url: "tcp://127.0.0.1:1883", user: xs-01}
keys: [{id: 1, public: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}]
lines:
  - {name: boards, path: a, baud: 115200}
  - {name: scale, path: b, baud: 9600}
  - {name: reader, path: c, baud: 9600}
locks: [{line: boards, compartments: [1], modbusrelay: {unit: 1, channels: [{relay: 0, door: {input: 1}}]}}]
scales:
  - {line: boards, platforms: [S1], registermap: {unit: 11, channels: 1, format: int16, count_mg: 1000}}
  - {line: scale, platforms: [S2], toledo: {unit: kg, decimals: 2}}
thermometers: [{line: boards, compartments: [1], dixell: {unit: 31}}]
readers: [{line: reader, asciireader: {}}]
`

// TestOneFileWiresFamiliesOfBoardsToSeveralLines asks what can be asked and hears what speaks unasked.
func TestOneFileWiresFamiliesOfBoardsToSeveralLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg, err := ParseConfig("cabinet.yaml", []byte(mixed))
		if err != nil {
			t.Fatal(err)
		}
		lines := map[string]*bustest.Board{
			"boards": bustest.NewBoard(answerMixed), "scale": bustest.NewBoard(nil), "reader": bustest.NewBoard(nil),
		}
		opt := Options{Config: cfg, OpenLine: func(l Line) (edge.OpenPort, error) { return lines[l.Name].Open, nil }}
		if err := opt.fill(); err != nil {
			t.Fatal(err)
		}
		b, err := buildBoards(opt)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { b.run(ctx) })
		defer func() { cancel(); running.Wait() }()
		synctest.Wait()

		frame := toledo.Format{Unit: fieldbus.Kilograms, Decimals: 2}.AppendFrame(nil, fieldbus.Reading{Weight: 12_340_000})
		for range 3 {
			<-time.After(100 * time.Millisecond)
			lines["scale"].Say(string(frame))
		}
		synctest.Wait()
		if got := hexscript.CallScale(ctx, b.scales[1].Scale, "read"); got != "12340000" {
			t.Errorf("the scale that speaks unasked: %s", got)
		}
		if got := hexscript.CallScale(ctx, b.scales[0].Scale, "read"); got != "354000" {
			t.Errorf("the scale that is asked: %s", got)
		}
		probe := make([]edge.Temperature, 1)
		if err := b.thermometers[0].board.Measure(ctx, probe); err != nil || probe[0].Celsius != 42 {
			t.Errorf("the probe: %+v, %v", probe, err)
		}
		if in, err := b.locks[0].board.Inputs(ctx); err != nil || in.Channel(0).DoorClosed != edge.Yes {
			t.Errorf("the door: %+v, %v", in, err)
		}
		text := grant.Text(make([]byte, grant.Size))
		lines["reader"].Say(text + "\r\n")
		if scan, err := b.readers[0].Next(ctx); err != nil || scan.Text != text {
			t.Errorf("the reader: %+v, %v", scan, err)
		}
	})
}

// answerMixed is a relay board, a weight board and a controller on one line.
func answerMixed(frame string) []bustest.Part {
	replies := map[byte]string{
		1:  "\x01\x02\x01\x01\x60\x48",
		11: "\x0B\x03\x02\x01\x62\xA0\x3C",
		31: "\x1F\x03\x02\x00\x2A\x91\x99",
	}
	return []bustest.Part{{After: 5 * time.Millisecond, Bytes: replies[frame[0]]}}
}
