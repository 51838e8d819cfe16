package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"allhours/edge/internal/driver"
	"allhours/protocol"
)

// fault is what is wrong and where, as a YAML path.
type fault struct {
	path string
	want string
}

func faultf(path, format string, args ...any) *fault {
	return &fault{path: path, want: fmt.Sprintf(format, args...)}
}

// at writes the fault with its line; where a field is missing, with the line of what it is missing in.
func (f *fault) at(raw []byte) string {
	text := " " + f.path + ": " + f.want
	file, err := parser.ParseBytes(raw, 0)
	if err != nil {
		return text
	}
	for at := f.path; at != ""; at = at[:max(0, strings.LastIndexAny(at, ".["))] {
		if line := lineOf(file, at); line > 0 {
			return fmt.Sprintf("%d:%s", line, text)
		}
	}
	return text
}

// lineOf is the line of what lies at a path; 0 where nothing does.
func lineOf(file *ast.File, at string) int {
	path, err := yaml.PathString("$." + at)
	if err != nil {
		return 0
	}
	node, err := path.FilterFile(file)
	if err != nil || node == nil || node.GetToken() == nil {
		return 0
	}
	return node.GetToken().Position.Line
}

// check names the first thing that makes the file unusable; nil where there is none.
func (c Config) check() *fault {
	if c.Data == "" {
		return faultf("data", "want the folder of the journal")
	}
	if fault := c.checkMembership(); fault != nil {
		return fault
	}
	for _, check := range []func() *fault{
		c.checkTraces, c.checkStatus, c.checkLines, c.checkLocks, c.checkScales, c.checkThermometers, c.checkHealth, c.checkReaders, c.checkWires,
	} {
		if fault := check(); fault != nil {
			return fault
		}
	}
	return nil
}

// checkMembership names what is wrong with the cabinet's place in the fleet.
func (c Config) checkMembership() *fault {
	if err := c.Address().Validate(); err != nil {
		return faultf("cabinet", "%v", err)
	}
	if fault := c.checkMQTT(); fault != nil {
		return fault
	}
	return c.checkKeys()
}

func (c Config) checkMQTT() *fault {
	u, err := url.Parse(c.MQTT.URL)
	if err != nil || u.Hostname() == "" || u.Port() == "" {
		return faultf("mqtt.url", "got %q: want tcp://host:port or tls://host:port", c.MQTT.URL)
	}
	switch {
	case u.Scheme == "tls":
	case u.Scheme != "tcp":
		return faultf("mqtt.url", "scheme %q: want tcp or tls", u.Scheme)
	case !loopback(u.Hostname()):
		return faultf("mqtt.url", "%s is not on this machine: want tls://", u.Host)
	}
	if c.MQTT.User == "" {
		return faultf("mqtt.user", "want the cabinet's own user at the broker")
	}
	return nil
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

func (c Config) checkKeys() *fault {
	if len(c.Keys) == 0 {
		return faultf("keys", "want at least one public key of the cloud")
	}
	keys, err := c.PublicKeys()
	switch {
	case err != nil:
		return faultf("keys", "%v", err)
	case len(keys) != len(c.Keys):
		return faultf("keys", "an id is there twice")
	}
	return nil
}

func (c Config) checkTraces() *fault {
	for _, field := range []struct {
		name string
		got  int
	}{{"sample", c.Traces.Sample}, {"days", c.Traces.Days}, {"megabytes", c.Traces.Megabytes}} {
		if field.got < 0 || field.got > 1_000_000 {
			return faultf("traces."+field.name, "got %d: want 1 or more, or nothing for the default", field.got)
		}
	}
	return nil
}

func (c Config) checkStatus() *fault {
	if c.Status == "" {
		return nil
	}
	host, _, err := net.SplitHostPort(c.Status)
	if err != nil || !loopback(host) {
		return faultf("status", "got %q: want host:port on this machine, without TLS it is served nowhere else", c.Status)
	}
	return nil
}

func (c Config) checkLines() *fault {
	seen := map[string]bool{}
	for i, l := range c.Lines {
		at := fmt.Sprintf("lines[%d]", i)
		switch {
		case l.Name == "" || seen[l.Name]:
			return faultf(at+".name", "got %q: want a name, each once", l.Name)
		case l.Path == "":
			return faultf(at+".path", "want the serial device")
		case l.Baud < 1200 || l.Baud > 921600:
			return faultf(at+".baud", "got %d: want 1200 to 921600", l.Baud)
		case l.ReplyMS < 0 || l.ReplyMS > 5000:
			return faultf(at+".reply_ms", "got %d: want 0 to 5000", l.ReplyMS)
		}
		seen[l.Name] = true
	}
	return nil
}

func (c Config) hasLine(name string) bool {
	for _, l := range c.Lines {
		if l.Name == name {
			return true
		}
	}
	return false
}

func (c Config) checkLocks() *fault {
	if len(c.Locks) == 0 {
		return faultf("locks", "want at least one: a cabinet has a door")
	}
	seen := map[protocol.Compartment]bool{}
	for i, l := range c.Locks {
		at := fmt.Sprintf("locks[%d]", i)
		if !c.hasLine(l.Line) {
			return faultf(at+".line", "got %q: want the name of a line", l.Line)
		}
		if l.PulseMS < 0 || l.PulseMS > 1000 {
			return faultf(at+".pulse_ms", "got %d: want 1 to 1000, a solenoid burns", l.PulseMS)
		}
		if len(l.Compartments) == 0 {
			return faultf(at+".compartments", "want one for each channel")
		}
		for k, n := range l.Compartments {
			if n == 0 || seen[n] {
				return faultf(fmt.Sprintf("%s.compartments[%d]", at, k), "got %d: want 1 or more, each once", n)
			}
			seen[n] = true
		}
		board, err := driver.NewLockBoard(nil, l.LockConfig)
		if err != nil {
			return refused(at, err)
		}
		if board.Channels() != len(l.Compartments) {
			return faultf(at+".compartments", "got %d: want %d, one for each channel", len(l.Compartments), board.Channels())
		}
		if channel := l.Doorless(); channel >= 0 {
			return faultf(fmt.Sprintf("%s.compartments[%d]", at, channel), "no contact of the lock board tells of this door: nothing can be sold behind it")
		}
	}
	return nil
}

func (c Config) checkScales() *fault {
	seen := map[protocol.PlatformID]bool{}
	for i, s := range c.Scales {
		at := fmt.Sprintf("scales[%d]", i)
		if !c.hasLine(s.Line) {
			return faultf(at+".line", "got %q: want the name of a line", s.Line)
		}
		for k, id := range s.Platforms {
			if id != "" && seen[id] {
				return faultf(fmt.Sprintf("%s.platforms[%d]", at, k), "%q is there twice", id)
			}
			seen[id] = true
		}
		scale, err := driver.NewScale(nil, s.ScaleConfig)
		if err != nil {
			return refused(at, err)
		}
		if scale.Channels() < len(s.Platforms) {
			return faultf(at+".platforms", "got %d: the board has %d channels", len(s.Platforms), scale.Channels())
		}
	}
	if len(seen) == 0 {
		return faultf("scales", "want at least one platform: nothing can be sold unweighed")
	}
	return nil
}
