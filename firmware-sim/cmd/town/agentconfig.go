package main

import (
	"fmt"

	"github.com/goccy/go-yaml"

	"allhours/firmware-sim/board"
	"allhours/firmware-sim/cabinet"
	"allhours/protocol"
)

// The cabinet's lines: its boards hang on one, its reader of codes is alone on the other.
const (
	lineName   = "line0"
	readerLine = "line1"
)

// pulseMS is how long a lock is energised.
const pulseMS = 500

// agentFile is a cabinet-agent's configuration, as far as the demo uses it.
type agentFile struct {
	Cabinet protocol.CabinetID `yaml:"cabinet"`
	Data    string             `yaml:"data"`
	MQTT    mqttEntry          `yaml:"mqtt"`
	Lines   []lineEntry        `yaml:"lines"`
	Locks   []lockEntry        `yaml:"locks"`
	Scales  []scaleEntry       `yaml:"scales"`
	Readers []readerEntry      `yaml:"readers"`
}

type mqttEntry struct {
	URL string `yaml:"url"`
	CA  string `yaml:"ca,omitempty"`
}

type lineEntry struct {
	Name string `yaml:"name"`
	Path string `yaml:"path"`
	Baud int    `yaml:"baud"`
}

type readerEntry struct {
	Line   string   `yaml:"line"`
	Reader struct{} `yaml:"asciireader"`
}

type lockEntry struct {
	Line         string                 `yaml:"line"`
	Compartments []protocol.Compartment `yaml:"compartments,flow"`
	PulseMS      int                    `yaml:"pulse_ms"`
	Relay        relayEntry             `yaml:"modbusrelay"`
}

type relayEntry struct {
	Unit     int            `yaml:"unit"`
	Channels []channelEntry `yaml:"channels"`
}

type channelEntry struct {
	Relay int        `yaml:"relay"`
	Door  inputEntry `yaml:"door"`
	Latch inputEntry `yaml:"latch"`
}

type inputEntry struct {
	Input int `yaml:"input"` // counted from 1
}

type scaleEntry struct {
	Line        string                `yaml:"line"`
	Platforms   []protocol.PlatformID `yaml:"platforms,flow"`
	ModbusScale *transmitterEntry     `yaml:"modbusscale,omitempty"`
	RegisterMap *registersEntry       `yaml:"registermap,omitempty"`
}

type transmitterEntry struct {
	Unit int `yaml:"unit"`
}

type registersEntry struct {
	Unit     int             `yaml:"unit"`
	Channels int             `yaml:"channels"`
	First    int             `yaml:"first"`
	Order    string          `yaml:"order"`
	CountMG  int             `yaml:"count_mg"`
	Status   statusEntry     `yaml:"status"`
	Tracking []trackingEntry `yaml:"tracking"`
}

type statusEntry struct {
	First    int    `yaml:"first"`
	Overload uint16 `yaml:"overload"`
	Unstable uint16 `yaml:"unstable"`
}

type trackingEntry struct {
	First int `yaml:"first"`
	Count int `yaml:"count"`
}

// agentConfig tells a cabinet's agent where its network is and what hangs on its lines. Who it is comes from its claim. With
// the authority of a broker it speaks TLS there.
func agentConfig(f *folder, p place, network, brokerCA string) ([]byte, error) {
	scheme := "tcp"
	if brokerCA != "" {
		scheme = "tls"
	}
	file := agentFile{
		Cabinet: p.ID, Data: f.cabinet(p.ID, "agent"), MQTT: mqttEntry{URL: scheme + "://" + network, CA: brokerCA},
		Lines: []lineEntry{
			{Name: lineName, Path: f.cabinet(p.ID, lineName), Baud: baud}, {Name: readerLine, Path: f.cabinet(p.ID, readerLine), Baud: baud},
		},
		Locks: []lockEntry{{
			Line: lineName, Compartments: []protocol.Compartment{1}, PulseMS: pulseMS,
			Relay: relayEntry{Unit: cabinet.RelayUnit, Channels: []channelEntry{{
				Relay: cabinet.LockChannel, Door: inputEntry{cabinet.DoorInput + 1}, Latch: inputEntry{cabinet.BoltInput + 1},
			}}},
		}},
		Scales: scaleEntries(p), Readers: []readerEntry{{Line: readerLine}},
	}
	text, err := yaml.Marshal(file)
	if err != nil {
		return nil, fmt.Errorf("agent.yaml: %w", err)
	}
	return text, nil
}

// scaleEntries follows how the simulator wires the layout.
func scaleEntries(p place) []scaleEntry {
	var ids []protocol.PlatformID
	for _, surface := range p.Platforms {
		ids = append(ids, surface.ID)
	}
	var entries []scaleEntry
	each := 1
	if p.Layout == cabinet.Lanes {
		each = board.Channels
	}
	for unit := cabinet.FirstScaleUnit; len(ids) > 0; unit++ {
		n := min(each, len(ids))
		entry := scaleEntry{Line: lineName, Platforms: ids[:n]}
		if p.Layout == cabinet.Lanes {
			entry.RegisterMap = octalEntry(unit, n)
		} else {
			entry.ModbusScale = &transmitterEntry{Unit: unit}
		}
		entries, ids = append(entries, entry), ids[n:]
	}
	return entries
}

func octalEntry(unit, channels int) *registersEntry {
	return &registersEntry{
		Unit: unit, Channels: channels, First: board.OctalWeights, Order: "high", CountMG: board.OctalCountMG,
		Status:   statusEntry{First: board.OctalStatus, Overload: board.StatusOverload | board.StatusOverflow, Unstable: board.StatusUnstable},
		Tracking: []trackingEntry{{First: board.OctalTracking, Count: board.OctalTrackingLen}},
	}
}
