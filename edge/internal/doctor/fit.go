package doctor

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"allhours/edge/internal/config"
	"allhours/edge/internal/driver"
	"allhours/protocol"
)

// Survey is what the file says and what was found, side by side.
type Survey struct {
	Config config.Config
	Known  []*Known
	Places []Place
	Doors  int           // that the cabinet has; what the file does not name yet is wired so
	Reply  time.Duration // that boards of a new line may think; 0: the usual
}

// NewSurvey begins with what the file says.
func NewSurvey(cfg config.Config, doors int) *Survey {
	return &Survey{Config: cfg, Known: knownOf(cfg), Doors: doors}
}

// On lists the file's devices on one of its lines.
func (s *Survey) On(line string) []*Known {
	return slices.DeleteFunc(slices.Clone(s.Known), func(k *Known) bool { return k.Line != line || line == "" })
}

// newcomer is a device that the file does not name, at its place.
type newcomer struct {
	Device
	place *Place
}

// Fit compares, says what it finds, and edits the file: a device that takes the place of another keeps its name, and one
// that is new is added. What the file says otherwise stays.
func (s *Survey) Fit(e *config.Edit, r *Report) error {
	f := fitting{Survey: s, edit: e, report: r}
	for _, step := range []func() error{f.fitLines, f.replace, f.add} {
		if err := step(); err != nil {
			return err
		}
	}
	f.tell()
	return nil
}

type fitting struct {
	*Survey
	edit   *config.Edit
	report *Report
	fresh  []newcomer
}

// fitLines gives each place with anything on it a line, and each line the speed at which something answers.
func (f *fitting) fitLines() error {
	for i := range f.Places {
		p := &f.Places[i]
		if p.Line.Name == "" && len(p.Devices) > 0 {
			p.Line.Name = f.freeName("line", func(name string) bool {
				return slices.ContainsFunc(f.Places, func(other Place) bool { return other.Line.Name == name })
			})
			line := config.Line{Name: p.Line.Name, Path: p.Path, Baud: p.Baud, Echo: p.Echo, ReplyMS: int(f.Reply / time.Millisecond)}
			if err := f.edit.Append("lines", line, ""); err != nil {
				return err
			}
			f.report.Say(Changed, p.Line.Name, "a new line: %s at %d baud", p.Path, p.Baud)
		} else if err := f.fitSpeed(p); err != nil {
			return err
		}
		f.tellPlace(p)
		for _, d := range p.Devices {
			f.fresh = append(f.fresh, newcomer{d, p})
		}
	}
	return nil
}

// fitSpeed sets a line's speed where nothing answers at the file's and something does at another.
func (f *fitting) fitSpeed(p *Place) error {
	if p.Baud == 0 || p.Line.Name == "" || p.Baud == p.Line.Baud {
		return nil
	}
	i := slices.IndexFunc(f.Config.Lines, func(l config.Line) bool { return l.Name == p.Line.Name })
	if err := f.edit.Set(fmt.Sprintf("lines[%d].baud", i), p.Baud); err != nil {
		return err
	}
	f.report.Say(Changed, p.Line.Name, "nothing answers at %d baud, boards do at %d: that is its speed now", p.Line.Baud, p.Baud)
	p.Line.Baud = p.Baud
	for k := range p.Devices { // Those of the file at the speed that was found are no strangers.
		f.recognise(p, &p.Devices[k])
	}
	p.Devices = slices.DeleteFunc(p.Devices, func(d Device) bool { return d.Baud == 0 })
	return nil
}

// recognise takes a device for the one of the file that has its family and its address.
func (f *fitting) recognise(p *Place, d *Device) {
	for _, k := range f.On(p.Line.Name) {
		if k.State != Answers && k.Family() == d.Family() && k.Address() == d.Address() && d.Baud == p.Baud {
			k.State, d.Baud = Answers, 0
		}
	}
}

func (f *fitting) tellPlace(p *Place) {
	name := p.Line.Name
	if name == "" {
		name = p.Path
	}
	switch {
	case p.Fault != nil:
		f.report.Say(Wrong, name, "%s cannot be opened: %v", p.Path, p.Fault)
	case p.Line.Name != "" && p.Baud == 0 && !slices.ContainsFunc(f.On(name), func(k *Known) bool { return k.Reader == nil }):
	case p.Line.Name != "" && p.Baud == 0:
		f.report.Say(Wrong, name, "nothing answers on %s at any speed: look at power, at A and B, and at the plug", p.Path)
	}
	if p.Echo && !p.Line.Echo && p.Line.Path != "" && slices.ContainsFunc(f.Config.Lines, func(l config.Line) bool { return l.Name == name }) {
		f.report.Say(Wrong, name, "the adapter hears itself: want echo: true for this line in the file")
	}
	for _, note := range p.Notes {
		level := Wrong
		if p.Line.Name == "" {
			level = Look
		}
		f.report.Say(level, name, "%s", note)
	}
}

// replace lets a new device take the place of the one silent device of its family.
func (f *fitting) replace() error {
	for i := 0; i < len(f.fresh); i++ {
		n := f.fresh[i]
		silent := f.silentLike(n)
		switch rivals := f.rivals(n); {
		case len(silent) == 0:
			continue
		case n.Baud != n.place.Baud:
			continue
		case len(silent) > 1 || rivals > 1:
			f.report.Say(Look, f.nameOf(n), "it may take the place of %s: with more than one silent and one new device of a kind nobody can tell; plug in one at a time", names(silent))
			f.forget(&i)
			continue
		}
		if err := f.takePlace(n, silent[0]); err != nil {
			return err
		}
		f.forget(&i)
	}
	return nil
}

func (f *fitting) forget(i *int) {
	f.fresh = slices.Delete(f.fresh, *i, *i+1)
	*i--
}

func (f *fitting) takePlace(n newcomer, k *Known) error {
	place := n.place.Line.Name
	if field := n.AddressField(); field != "" && n.Number() != k.Number() {
		if err := f.edit.Set(k.At+"."+field, n.Number()); err != nil {
			return err
		}
	}
	if k.Line != place {
		if err := f.edit.Set(k.At+".line", place); err != nil {
			return err
		}
	}
	f.report.Say(Changed, k.Name, "%s on %s is silent; %s answers on %s: it takes its place", addressed(k.Found), k.Line, n.Words(), place)
	if k.Scale != nil {
		f.report.Say(Look, k.Name, "its scale is another one: calibrate it (cabinet-agent calibrate)")
	}
	k.State = Answers
	return nil
}

func addressed(f driver.Found) string {
	if address := f.Address(); address != "" {
		return address
	}
	return "the " + f.Family()
}

// silentLike lists the silent devices whose place a newcomer can take: those of its own line, else of any.
func (f *fitting) silentLike(n newcomer) []*Known {
	var here, anywhere []*Known
	for _, k := range f.Known {
		if k.State != Silent && k.State != Garbled || k.Family() != n.Family() {
			continue
		}
		anywhere = append(anywhere, k)
		if k.Line == n.place.Line.Name {
			here = append(here, k)
		}
	}
	if len(here) > 0 {
		return here
	}
	return anywhere
}

func (f *fitting) rivals(n newcomer) (count int) {
	for _, other := range f.fresh {
		if other.Family() == n.Family() && other.place == n.place {
			count++
		}
	}
	return count
}

func (f *fitting) nameOf(n newcomer) string {
	return fmt.Sprintf("%s on %s", n.Words(), n.place.Line.Name)
}

func names(all []*Known) string {
	var list []string
	for _, k := range all {
		list = append(list, k.Name)
	}
	return strings.Join(list, " or ")
}

// add wires what is new.
func (f *fitting) add() error {
	for _, n := range f.fresh {
		if n.Baud != n.place.Baud {
			f.report.Say(Wrong, f.nameOf(n), "it answers at %d baud, the line is at %d: set its speed at the board, and look again", n.Baud, n.place.Baud)
			continue
		}
		if err := f.addOne(n); err != nil {
			return err
		}
	}
	return nil
}

func (f *fitting) addOne(n newcomer) error {
	line := n.place.Line.Name
	section, item, what := "readers", any(nil), "the reader of codes"
	switch {
	case n.Lock != nil:
		wired := f.freeDoors()
		if len(wired) == 0 {
			f.report.Say(Look, f.nameOf(n), "every door has a lock: with more doors, say how many (--doors)")
			return nil
		}
		lock := config.Lock{Line: line, Compartments: wired, LockConfig: n.Lock.First(len(wired))}
		section, item, what = "locks", lock, doors(wired)
		f.Config.Locks = append(f.Config.Locks, lock)
	case n.Scale != nil:
		scale := config.Scale{Line: line, Platforms: f.freePlatforms(n.Scale.Channels()), ScaleConfig: *n.Scale}
		section, item, what = "scales", scale, joined(scale.Platforms)
		f.Config.Scales = append(f.Config.Scales, scale)
	case n.Thermometer != nil:
		t := config.Thermometer{Line: line, Compartments: []protocol.Compartment{1}, ThermometerConfig: *n.Thermometer}
		t.Compartments = append(t.Compartments, make([]protocol.Compartment, max(n.Thermometer.Dixell.Probes, 1)-1)...)
		section, item, what = "thermometers", t, doors(t.Compartments)
	default:
		item = config.Reader{Line: line, ReaderConfig: *n.Reader}
	}
	comment := ""
	if n.Check != "" {
		comment = "check: " + n.Check
		f.report.Say(Look, what, "check %s", n.Check)
	}
	f.report.Say(Changed, what, "new: %s on %s", n.Words(), line)
	return f.edit.Append(section, item, comment)
}

// freeDoors are the compartments that have no lock yet.
func (f *fitting) freeDoors() []protocol.Compartment {
	var free []protocol.Compartment
	for c := protocol.Compartment(1); int(c) <= f.Doors; c++ {
		if !slices.ContainsFunc(f.Config.Locks, func(l config.Lock) bool { return slices.Contains(l.Compartments, c) }) {
			free = append(free, c)
		}
	}
	return free
}

// freePlatforms names so many platforms: S1, S2 for a board each, A1 to A8 for a board of many.
func (f *fitting) freePlatforms(channels int) []protocol.PlatformID {
	taken := func(name string) bool {
		return slices.ContainsFunc(f.Config.Scales, func(s config.Scale) bool {
			return slices.Contains(s.Platforms, protocol.PlatformID(name))
		})
	}
	if channels == 1 {
		for n := 1; ; n++ {
			if name := fmt.Sprintf("S%d", n); !taken(name) {
				return []protocol.PlatformID{protocol.PlatformID(name)}
			}
		}
	}
	letter := 'A'
	for letter < 'Z' && taken(fmt.Sprintf("%c1", letter)) {
		letter++
	}
	ids := make([]protocol.PlatformID, channels)
	for i := range ids {
		ids[i] = protocol.PlatformID(fmt.Sprintf("%c%d", letter, i+1))
	}
	return ids
}

// freeName counts from 0 until a name is not taken.
func (f *fitting) freeName(stem string, taken func(string) bool) string {
	for n := 0; ; n++ {
		name := fmt.Sprintf("%s%d", stem, n)
		inFile := slices.ContainsFunc(f.Config.Lines, func(l config.Line) bool { return l.Name == name })
		if !inFile && !taken(name) {
			return name
		}
	}
}

// tell says how the file's devices are.
func (f *fitting) tell() {
	for _, k := range f.Known {
		switch k.State {
		case Answers:
			f.report.Say(OK, k.Name, "%s on %s", k.Found.Words(), k.Line)
		case Garbled:
			f.report.Say(Wrong, k.Name, "%s on %s: its answers are garbled: two boards have this address, or the wire is bad", addressed(k.Found), k.Line)
		case NotHeard:
			f.report.Say(Look, k.Name, "nothing is heard of it on %s until a code is held before it", k.Line)
		case Silent:
			f.report.Say(Wrong, k.Name, "%s on %s is silent", addressed(k.Found), k.Line)
		}
	}
	f.report.Devices = f.seen()
}

func (f *fitting) seen() []Seen {
	var all []Seen
	one := func(path string, baud int, found driver.Found, name string, state State) {
		s := Seen{Path: path, Baud: baud, Family: found.Family(), Name: name, State: state}
		if found.AddressField() != "" {
			number := found.Number()
			s.Number = &number
		}
		all = append(all, s)
	}
	for _, p := range f.Places {
		for _, k := range f.On(p.Line.Name) {
			one(p.Path, p.Line.Baud, k.Found, k.Name, k.State)
		}
		for _, d := range p.Devices {
			one(p.Path, d.Baud, d.Found, "", Answers)
		}
	}
	return all
}
