package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"allhours/edge"
	"allhours/edge/internal/bus"
	"allhours/edge/internal/config"
	"allhours/edge/internal/driver"
)

// Scanner looks at serial devices one after the other.
type Scanner struct {
	Open   func(config.Line) (edge.OpenPort, error)
	Say    func(format string, args ...any) // progress, a line each
	Speeds []int                            // in the order in which they are tried; none: the usual ones
	Most   int                              // addresses of each family, from the first on; 0: the likely ones
	Reply  time.Duration                    // that a board may think; 0 means 50 ms
	Codes  time.Duration                    // how long a code is waited for where nothing else is; 0: none is
	Only   []string                         // ways to ask; none: all
	Quick  bool                             // only the file's devices are asked, at the file's speeds
}

// usualSpeeds are those of the boards' factories and of cabinets.
func usualSpeeds() []int { return []int{9600, 115200, 19200, 38400, 57600} }

// Times of listening.
const (
	firstListen  = 700 * time.Millisecond  // slow scales speak five times a second
	secondListen = 1500 * time.Millisecond // where something was heard
	readEvery    = 50 * time.Millisecond
	aWord        = 8 // bytes that are no accident of an idle line
)

// Device is a device that the scan found and the file does not name.
type Device struct {
	driver.Found
	Baud int
}

// Place is one serial device and what was found there.
type Place struct {
	Path    string
	Line    config.Line // of the file; without a name where the file does not have it
	Baud    int         // at which something was found; 0: nothing was
	Echo    bool        // the adapter hears itself
	Devices []Device
	Notes   []string // what is odd, in words
	Fault   error    // why it cannot be opened
}

// Scan looks at one serial device. line is the file's, for a path that it names, and known are its devices, whose states
// are told in them.
func (s *Scanner) Scan(ctx context.Context, line config.Line, known []*Known) Place {
	p := Place{Path: line.Path, Line: line}
	for _, k := range known {
		k.State = Silent
		if k.Reader != nil {
			k.State = NotHeard
		}
	}
	for _, baud := range s.speeds(line.Baud) {
		s.Say("%s: looking at %d baud", line.Path, baud)
		at := line
		at.Baud = baud
		if p.Fault = s.look(ctx, &p, at, known); p.Fault != nil || ctx.Err() != nil {
			return p
		}
		if p.Baud != 0 && !slices.ContainsFunc(known, func(k *Known) bool { return k.State == Silent }) {
			return p
		}
	}
	if p.Baud == 0 && s.Codes > 0 {
		p.Fault = s.awaitCode(ctx, &p, line, known)
	}
	return p
}

// speeds are those to try, the file's first.
func (s *Scanner) speeds(first int) []int {
	speeds := s.Speeds
	switch {
	case s.Quick && first != 0:
		return []int{first}
	case len(speeds) == 0:
		speeds = usualSpeeds()
	}
	if first == 0 {
		return speeds
	}
	return append([]int{first}, slices.DeleteFunc(slices.Clone(speeds), func(baud int) bool { return baud == first })...)
}

// look looks at one speed.
func (s *Scanner) look(ctx context.Context, p *Place, line config.Line, known []*Known) error {
	open, err := s.Open(line)
	if err != nil {
		return err
	}
	heard, err := listen(ctx, open, firstListen)
	if err == nil && len(heard) >= aWord {
		heard, err = listen(ctx, open, secondListen) // What was left over, or late, is over by now.
	}
	if err != nil {
		return err
	}
	if len(heard) >= aWord {
		s.heard(p, line.Baud, heard, known)
		return nil // Nothing is sent where somebody speaks all the time.
	}
	cfg := line.Bus()
	cfg.Name, cfg.ReplyTimeout = line.Path, max(cfg.ReplyTimeout, s.Reply)
	wire := bus.New(cfg, open)
	asking, end := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() { wire.Run(asking) })
	defer func() { end(); running.Wait() }()
	s.ask(ctx, p, wire, line, known)
	return nil
}

// heard notes a device that speaks unasked.
func (s *Scanner) heard(p *Place, baud int, heard []byte, known []*Known) {
	found, understood := driver.Heard(heard)
	if !understood {
		p.Notes = append(p.Notes, fmt.Sprintf("at %d baud something speaks that is not understood: another speed, another device, or noise", baud))
		return
	}
	p.Baud, p.Notes = baud, nil
	for _, k := range known {
		if k.Alone && k.Family() == found.Family() {
			k.State = Answers
			return
		}
	}
	s.Say("%s: %s at %d baud", p.Path, found.Words(), baud)
	p.Devices = append(p.Devices, Device{found, baud})
}

// ask asks for the devices of the file, and for others.
func (s *Scanner) ask(ctx context.Context, p *Place, wire *bus.Line, line config.Line, known []*Known) {
	p.Echo = p.Echo || echoes(ctx, wire)
	taken := map[string]bool{}
	if line.Baud == p.Line.Baud {
		for _, k := range known {
			if k.Reader != nil || k.Alone && k.Family() != "mtsics" {
				continue
			}
			if k.ask(ctx, wire); k.State != Answers {
				continue
			}
			s.Say("%s: %s answers (%s)", p.Path, k.Name, k.Found.Words())
			p.Baud, taken[k.Found.Place()] = line.Baud, true
		}
	}
	if s.Quick {
		return
	}
	for _, search := range driver.Searches() {
		if len(s.Only) > 0 && !slices.Contains(s.Only, search.Name) {
			continue
		}
		s.search(ctx, p, wire, line.Baud, search, s.addresses(search, known), taken)
	}
}

// addresses are those that a search asks: those of the file are always among them.
func (s *Scanner) addresses(search driver.Search, known []*Known) []byte {
	most := search.Likely
	if s.Most > 0 {
		most = s.Most
	}
	asked := slices.Clone(search.Addresses[:min(most, len(search.Addresses))])
	for _, k := range known {
		if n := k.Number(); search.Covers(k.Found) && !slices.Contains(asked, n) {
			asked = append(asked, n)
		}
	}
	return asked
}

func (s *Scanner) search(ctx context.Context, p *Place, wire *bus.Line, baud int, search driver.Search, addresses []byte, taken map[string]bool) {
	for _, address := range addresses {
		if ctx.Err() != nil || taken[driver.PlaceOf(search.Name, address)] {
			continue
		}
		found, err := search.Ask(ctx, wire, address)
		if driver.Garbled(err) {
			found, err = search.Ask(ctx, wire, address)
		}
		where := driver.PlaceOf(search.Name, address)
		switch {
		case err == nil:
			s.Say("%s: %s at %d baud", p.Path, found.Words(), baud)
			p.Devices = append(p.Devices, Device{found, baud})
			if p.Baud == 0 {
				p.Baud = baud
			}
		case errors.Is(err, driver.ErrUnknown):
			p.Notes = append(p.Notes, fmt.Sprintf("%s answers at %d baud and is no board that is known", where, baud))
		case driver.Garbled(err):
			p.Notes = append(p.Notes, fmt.Sprintf("what answers as %s at %d baud is garbled: two boards have this address, another speed, or a bad wire", where, baud))
		}
	}
}

// awaitCode waits for a code that somebody holds before a reader.
func (s *Scanner) awaitCode(ctx context.Context, p *Place, line config.Line, known []*Known) error {
	baud := s.speeds(line.Baud)[0]
	s.Say("%s: nothing answers. Is it a reader? Hold a code before it within %v", line.Path, s.Codes)
	line.Baud = baud
	open, err := s.Open(line)
	if err != nil {
		return err
	}
	heard, err := listen(ctx, open, s.Codes)
	if err != nil {
		return err
	}
	found, understood := driver.Code(heard)
	if !understood {
		return nil
	}
	p.Baud = baud
	for _, k := range known {
		if k.Reader != nil {
			k.State = Answers
			return nil
		}
	}
	p.Devices = append(p.Devices, Device{found, baud})
	return nil
}

// listen hears what is said unasked. It ends with the first silence after a line of text, or with its time.
func listen(ctx context.Context, open edge.OpenPort, during time.Duration) (heard []byte, err error) {
	port, err := open(ctx)
	if err != nil {
		return nil, err
	}
	defer port.Close()
	if err := errors.Join(port.ResetInputBuffer(), port.SetReadTimeout(readEvery)); err != nil {
		return nil, err
	}
	buf, end := make([]byte, 512), time.Now().Add(during)
	for time.Now().Before(end) && ctx.Err() == nil {
		n, err := port.Read(buf)
		if err != nil {
			return heard, err
		}
		if n == 0 && len(heard) >= aWord {
			if _, code := driver.Code(heard); code && during > secondListen {
				return heard, nil
			}
		}
		heard = append(heard, buf[:n]...)
	}
	return heard, nil
}

// echoes reports an adapter that hears itself: nobody else says what nobody is there to say.
func echoes(ctx context.Context, wire *bus.Line) bool {
	nobody := []byte{0xFE, 0x03, 0x00, 0x00, 0x00, 0x01, 0xFF, 0xFF} // a unit that no board has, and a wrong checksum
	_, err := wire.Do(ctx, bus.Poll, bus.Exchange{
		Frame: nobody, ReplyLen: len(nobody),
		Need: func(received []byte) (int, error) {
			if received[0] != nobody[0] {
				return 0, errNotMine
			}
			return len(nobody), nil
		},
		Check: func(frame []byte) error {
			if !slices.Equal(frame, nobody) {
				return errNotMine
			}
			return nil
		},
	})
	return err == nil
}

var errNotMine = errors.New("not this frame")
