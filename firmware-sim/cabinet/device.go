package cabinet

import (
	"errors"
	"fmt"
	"time"

	"allhours/firmware-sim/board"
	"allhours/firmware-sim/line"
	"allhours/protocol"
	"allhours/protocol/fieldbus"
	"allhours/protocol/fieldbus/aandd"
	"allhours/protocol/fieldbus/ascii"
	"allhours/protocol/fieldbus/mtsics"
	"allhours/protocol/fieldbus/toledo"
)

// Families of devices beside lock boards and the layout's weight boards.
const (
	MTSICS      Family = "mtsics"
	AandD       Family = "aandd"
	Toledo      Family = "toledo"
	Dixell      Family = "dixell"
	ASCIIReader Family = "asciireader"
)

// Device is a scale, a temperature controller or a reader of codes on a line of its own; the first of them hangs on
// line 1, and so on. A temperature controller may hang on the cabinet's line 0 instead.
type Device struct {
	Family    Family                 `json:"family"`
	Platform  protocol.PlatformID    `json:"platform,omitempty"`   // that a scale weighs, instead of the layout's board
	Unit      fieldbus.Unit          `json:"unit,omitempty"`       // in which it shows it
	Decimals  int                    `json:"decimals,omitempty"`   //
	Checksum  bool                   `json:"checksum,omitempty"`   // toledo
	SevenBits ascii.Parity           `json:"seven_bits,omitempty"` //
	EveryMS   int                    `json:"every_ms,omitempty"`   // between two readings that a scale sends; 0 means 100
	Address   byte                   `json:"address,omitempty"`    // dixell: its unit
	Probes    []protocol.DeciCelsius `json:"probes_dc,omitempty"`  // dixell: what they show at first
	Shared    bool                   `json:"shared,omitempty"`     // dixell: on line 0
	Baud      int                    `json:"baud,omitempty"`       // of its own line; 0 means the plan's
}

// numberWidth is how wide an A&D scale writes its number.
const numberWidth = 8

// scale tells whether the device weighs.
func (d Device) scale() bool { return d.Family == MTSICS || d.Family == AandD || d.Family == Toledo }

func (d Device) validate(platforms map[protocol.PlatformID]bool) error {
	switch {
	case d.scale():
		if !platforms[d.Platform] || !d.Unit.Known() || d.Decimals < 0 || d.Decimals > toledo.MaxDecimals || !d.SevenBits.Known() || d.EveryMS < 0 {
			return fmt.Errorf("%s on %q: want a platform, a unit of g or kg, 0 to %d decimals and a known parity", d.Family, d.Platform, toledo.MaxDecimals)
		}
	case d.Family == Dixell:
		if d.Address == 0 || len(d.Probes) == 0 || len(d.Probes) > board.ThermostatMost {
			return fmt.Errorf("dixell %d with %d probes: want an address and 1 to %d", d.Address, len(d.Probes), board.ThermostatMost)
		}
	case d.Family != ASCIIReader:
		return fmt.Errorf("family %q of a device is not built", d.Family)
	}
	if d.Baud != 0 && (d.Baud < leastBaud || d.Shared) {
		return fmt.Errorf("%s at %d baud: want %d or more on a line of its own", d.Family, d.Baud, leastBaud)
	}
	if d.Shared && d.Family != Dixell {
		return fmt.Errorf("%s cannot share a line", d.Family)
	}
	return nil
}

// scaleBoard is what the boards that weigh have in common.
type scaleBoard interface {
	Said() [][]protocol.Milligrams
	Tracks() bool
	Restart()
}

// scaleUnit is one board that weighs and the platforms on its channels.
type scaleUnit struct {
	board     scaleBoard
	platforms []protocol.PlatformID
	deafUntil time.Time
}

func (u *scaleUnit) deaf(at time.Time) bool { return at.Before(u.deafUntil) }

// warmUp is how long a board that weighs says nothing after its power came back.
const warmUp = time.Second

// restart lets a platform's board lose its power for a moment.
func (c *Cabinet) restart(at time.Time, id protocol.PlatformID) {
	for _, u := range c.scales {
		for _, weighed := range u.platforms {
			if weighed == id {
				u.board.Restart()
				u.deafUntil = at.Add(warmUp)
			}
		}
	}
}

// wired is a device on a line of its own.
type wired struct {
	hearer
	speaker // nil where it speaks only when it is asked
	unit    *scaleUnit
}

// wireDevices builds the plan's devices; those that share line 0 are listed.
func (c *Cabinet) wireDevices(specs map[protocol.PlatformID]board.ScaleSpec) (shared []board.Board) {
	for _, d := range c.plan.Devices {
		switch {
		case d.Family == ASCIIReader:
			r := board.NewReader("\r\n")
			c.readers = append(c.readers, r)
			c.own = append(c.own, wired{hearer: r, speaker: r})
		case d.Family == Dixell:
			t := board.NewThermostat(d.Address, d.Probes)
			c.thermostats = append(c.thermostats, t)
			if d.Shared {
				shared = append(shared, t)
				continue
			}
			c.own = append(c.own, wired{hearer: board.NewBus(t)})
		default:
			c.own = append(c.own, c.textScale(d, specs[d.Platform]))
		}
	}
	return shared
}

func (c *Cabinet) textScale(d Device, spec board.ScaleSpec) wired {
	var s *board.TextScale
	if d.Family == MTSICS {
		s = board.NewSICS(spec, mtsics.Format{Unit: d.Unit, Decimals: d.Decimals, Parity: d.SevenBits})
	} else {
		every := time.Duration(d.EveryMS) * time.Millisecond
		if every == 0 {
			every = 100 * time.Millisecond
		}
		s = board.NewStreaming(spec, d.text(), every)
	}
	u := &scaleUnit{board: s, platforms: []protocol.PlatformID{d.Platform}}
	c.scales = append(c.scales, u)
	w := wired{hearer: s, unit: u}
	if s.Streams() {
		w.speaker = s
	}
	return w
}

// text is how a scale that sends on its own writes its weight.
func (d Device) text() board.Text {
	if d.Family == Toledo {
		return toledoText{toledo.Format{Unit: d.Unit, Decimals: d.Decimals, Checksum: d.Checksum, Parity: d.SevenBits}}
	}
	return aandDText{aandd.Format{Unit: d.Unit, Decimals: d.Decimals, Width: numberWidth}, d.SevenBits}
}

type toledoText struct{ toledo.Format }

func (t toledoText) Append(dst []byte, r fieldbus.Reading) []byte { return t.AppendFrame(dst, r) }

type aandDText struct {
	aandd.Format
	parity ascii.Parity
}

func (t aandDText) Append(dst []byte, r fieldbus.Reading) []byte {
	return t.parity.Append(dst, string(t.AppendLine(nil, r)))
}

// Lines is the boards of each of the cabinet's lines; the first is the cabinet's own.
func (c *Cabinet) Lines() []line.Boards {
	lines := []line.Boards{c}
	for _, w := range c.own {
		asked := ownLine{c, w}
		if w.speaker == nil {
			lines = append(lines, asked)
			continue
		}
		lines = append(lines, talkingLine{asked})
	}
	return lines
}

// ownLine is the line of one device.
type ownLine struct {
	c *Cabinet
	w wired
}

func (l ownLine) Answer(heard []byte, at time.Time) []byte {
	l.c.mu.Lock()
	defer l.c.mu.Unlock()
	if l.w.unit != nil && l.w.unit.deaf(at) {
		return nil
	}
	return l.w.Answer(heard, at)
}

// talkingLine is the line of a device that speaks unasked.
type talkingLine struct{ ownLine }

func (l talkingLine) Speak(at time.Time) (said []byte, again time.Duration) {
	l.c.mu.Lock()
	defer l.c.mu.Unlock()
	if l.w.unit != nil && l.w.unit.deaf(at) {
		return nil, l.w.unit.deafUntil.Sub(at)
	}
	return l.w.Speak(at)
}

// ScaleReport is one platform's scale.
type ScaleReport struct {
	Platform protocol.PlatformID   `json:"platform"`
	Said     []protocol.Milligrams `json:"said_mg"` // lately shown, oldest first
	Tracks   bool                  `json:"tracks"`  // its board corrects weights on its own
}

// Scales is what the scales have said.
func (c *Cabinet) Scales() []ScaleReport {
	c.mu.Lock()
	defer c.mu.Unlock()
	reports := []ScaleReport{}
	for _, u := range c.scales {
		said := u.board.Said()
		for ch, id := range u.platforms {
			reports = append(reports, ScaleReport{
				Platform: id, Said: append([]protocol.Milligrams{}, said[ch]...), Tracks: u.board.Tracks(),
			})
		}
	}
	return reports
}

// Reasons for which nothing can be done to a device.
var (
	ErrNoReader = errors.New("there is no such reader")
	ErrNoProbe  = errors.New("there is no such probe")
)

// Show holds a code before a reader. It fails with ErrNoReader or board.ErrTooMany.
func (c *Cabinet) Show(reader int, text string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if reader < 0 || reader >= len(c.readers) {
		return ErrNoReader
	}
	return c.readers[reader].Show(text)
}

// Warm brings a controller's probe to a temperature, or cuts its wire. It fails with ErrNoProbe.
func (c *Cabinet) Warm(controller, probe int, to protocol.DeciCelsius, cut bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case controller < 0 || controller >= len(c.thermostats) || probe < 0 || probe >= board.ThermostatMost:
		return ErrNoProbe
	case cut:
		c.thermostats[controller].Cut(probe)
	default:
		c.thermostats[controller].Warm(probe, to)
	}
	return nil
}
