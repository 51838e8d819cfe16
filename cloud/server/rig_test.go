package server

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"allhours/cloud"
	"allhours/cloud/internal/store/sqlite/blank"
	"allhours/protocol"
	"allhours/protocol/claim"
	"allhours/protocol/grant"
	"allhours/protocol/settle"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

const document = `{
 "chain": {"name_zh": "邻里", "name_en": "Linli", "support_phone": "0571-1234", "hold_fen": 5000, "time_zone": "Asia/Shanghai"},
 "stores": [{"id": "s1", "name_zh": "一店", "name_en": "First", "hours": [{"open": "07:00", "close": "22:00"}]}],
 "articles": [
  {"sku": "1001", "name_zh": "水", "name_en": "Water", "category": "water", "zone": "ambient", "unit_mg": 571000, "sd_mg": 2600,
   "price_fen": 200, "cost_fen": 114, "shelf_life_days": 540, "essential": true, "vat_percent": 13, "min_age": 0, "case_size": 24}],
 "cabinets": [{"id": "xs-01", "store": "s1", "number": 3, "place_zh": "门口", "place_en": "Gate", "layout": "shelves",
  "platforms": [{"id": "S1", "compartment": 1, "capacity_mg": 30000000, "division_mg": 1000, "goods": [{"sku": "1001", "stock": 8}]}]}]
}`

// pipes is a listener in memory.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), done: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { p.once.Do(func() { close(p.done) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "memory", Net: "pipe"} }

func (p *pipes) dial() (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case p.conns <- theirs:
		return ours, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

// journal is a log that a test may read while it is written.
type journal struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.all.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.all.String()
}

// rig is a server in memory with one cabinet. Use it within synctest, but for a database that is another program.
type rig struct {
	t      *testing.T
	data   string
	server *Server
	log    *journal
	door   *pipes
	change func(*Options) // of what the server is made of; nil: nothing
	stop   func()
	papers joined
	real   bool // time is the machine's own
}

// rest waits until nothing happens any more; in real time nobody can know that.
func (r *rig) rest() {
	if !r.real {
		synctest.Wait()
	}
}

func newRig(t *testing.T) *rig { return newRigWith(t, nil) }

func newRigWith(t *testing.T, change func(*Options)) *rig {
	t.Helper()
	r := &rig{t: t, data: t.TempDir(), log: &journal{}, change: change}
	blank.At(t, filepath.Join(r.data, databaseName))
	r.begin()
	t.Cleanup(func() { time.Sleep(time.Minute) }) // of the bubble's clock: paho's goroutines look at theirs before they end
	return r
}

// begin starts the server with one cabinet, until the test ends.
func (r *rig) begin() {
	t := r.t
	t.Helper()
	r.start()
	t.Cleanup(func() { r.stop() })
	if _, err := r.server.Admin().Apply(t.Context(), []byte(document)); err != nil {
		t.Fatal(err)
	}
	r.papers = join(t, r.server, "xs-01", cardOf(50))
}

// cardOf is the journal of one card of a cabinet.
func cardOf(n byte) protocol.UUID { return protocol.UUID{6: 0x70, 8: 0x80, 15: n} }

// joined is what a cabinet has after its claim.
type joined struct {
	claim.Papers
	Code, Password string
}

// join claims a cabinet as its agent does.
func join(t *testing.T, s *Server, id protocol.CabinetID, journal protocol.UUID) joined {
	t.Helper()
	code, err := s.Admin().Enrol(t.Context(), id, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	r := claim.NewRequest(code.Code, ed25519.NewKeyFromSeed(bytes.Repeat([]byte{journal[15]}, ed25519.SeedSize)), journal)
	j := joined{Code: string(code.Code), Password: r.Password}
	w := ask(t, s, r)
	if w.Code != http.StatusOK {
		t.Fatalf("claim: %d %s", w.Code, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &j.Papers); err != nil {
		t.Fatal(err)
	}
	return j
}

// ask sends a claim.
func ask(t *testing.T, s *Server, r claim.Request) *httptest.ResponseRecorder {
	t.Helper()
	body, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/v1/claim", bytes.NewReader(body)))
	return w
}

// start opens the data and serves it.
func (r *rig) start() {
	r.t.Helper()
	r.door = newPipes()
	o := Options{
		Data: r.data, MQTT: r.door, Demo: true, OneConnection: true,
		Logger: slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	if r.change != nil {
		r.change(&o)
	}
	server, err := New(r.t.Context(), o)
	if err != nil {
		r.t.Fatal(err)
	}
	r.server = server
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Run(ctx) }()
	r.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			r.t.Errorf("run: %v", err)
		}
	}
	r.rest()
}

// browser is one person's.
type browser struct {
	*rig
	cookies []*http.Cookie
}

func (b *browser) send(method, target, body string) *httptest.ResponseRecorder {
	return b.sendWith(method, target, body, "", "")
}

// sendWith sends a request with a header.
func (b *browser) sendWith(method, target, body, header, value string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(b.t.Context(), method, target, strings.NewReader(body))
	if header != "" {
		r.Header.Set(header, value)
	}
	for _, c := range b.cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	b.server.Handler().ServeHTTP(w, r)
	if fresh := w.Result().Cookies(); len(fresh) > 0 {
		b.cookies = fresh
	}
	return w
}

// want sends a request whose answer must have the status, and reads it.
func (b *browser) want(status int, method, target, body string, into any) {
	b.t.Helper()
	w := b.send(method, target, body)
	if w.Code != status {
		b.t.Fatalf("%s %s: got %d %s, want %d", method, target, w.Code, w.Body, status)
	}
	if into != nil {
		if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
			b.t.Fatal(err)
		}
	}
}

// signIn gives a resident and the code that was needed.
func (r *rig) signIn(phone string) (*browser, string) {
	r.t.Helper()
	b := &browser{rig: r}
	var sent struct {
		Code string `json:"demo_code"`
	}
	b.want(200, "POST", "/api/v1/auth/code", `{"phone":"`+phone+`"}`, &sent)
	b.want(200, "POST", "/api/v1/auth/session", `{"phone":"`+phone+`","code":"`+sent.Code+`","consent":"`+cloud.NoticeOf(cloud.Retention{}).Version+`"}`, nil)
	return b, sent.Code
}

// cabinet speaks as an honest one does.
type cabinet struct {
	*rig
	client  paho.Client
	address topic.Address
	keys    grant.Keys
	seq     uint64

	mu      sync.Mutex
	got     [][]byte
	command wire.Command
}

// connect brings the cabinet's connection up to where it could be opened.
func (r *rig) connect() *cabinet {
	r.t.Helper()
	c := &cabinet{rig: r, address: topic.Address{Shard: r.papers.Shard, Cabinet: r.papers.Cabinet}}
	var err error
	if c.keys, err = r.papers.GrantKeys(); err != nil {
		r.t.Fatal(err)
	}
	o := paho.NewClientOptions().SetClientID(r.papers.MQTT.User).SetUsername(r.papers.MQTT.User).SetPassword(r.papers.Password)
	o.Servers = []*url.URL{{Scheme: "tcp", Host: "memory"}}
	o.SetCustomOpenConnectionFn(func(*url.URL, paho.ClientOptions) (net.Conn, error) { return r.door.dial() })
	o.SetAutoReconnect(false).SetProtocolVersion(4).SetKeepAlive(5 * time.Minute)
	c.client = paho.NewClient(o)
	c.wait(c.client.Connect())
	c.wait(c.client.Subscribe(c.address.DownFilter(), 1, c.receive))
	r.t.Cleanup(func() { c.client.Disconnect(0) })
	c.say(topic.Birth, wire.Birth{
		V: 1, Cabinet: "xs-01", Journal: cardOf(50), Boot: 1, Conn: protocol.UUID{1}, Challenge: make([]byte, 16),
	})
	c.say(topic.Telemetry, wire.Telemetry{
		V: 1, Cabinet: "xs-01", At: time.Now().UnixMilli(), Compartments: []wire.CompartmentTelemetry{{Compartment: 1, Door: wire.DoorStateShut, Selling: true}},
	})
	return c
}

func (c *cabinet) wait(token paho.Token) {
	c.t.Helper()
	token.Wait()
	if err := token.Error(); err != nil {
		c.t.Fatal(err)
	}
}

func (c *cabinet) say(ch topic.Channel, message any) {
	c.t.Helper()
	payload, err := wire.Encode(message)
	if err != nil {
		c.t.Fatal(err)
	}
	c.wait(c.client.Publish(c.address.Of(ch), 1, false, payload))
	c.rest()
}

// receive answers a command to open as soon as its grant is good.
func (c *cabinet) receive(_ paho.Client, m paho.Message) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.got = append(c.got, m.Payload())
	_, ch, err := topic.Parse(m.Topic())
	if err != nil || ch != topic.Command {
		return
	}
	if err := wire.Decode(m.Payload(), &c.command); err != nil {
		c.t.Error(err)
	}
	payload, err := wire.Encode(wire.Reply{V: 1, Cabinet: "xs-01", ID: c.command.ID, Code: protocol.CodeOK})
	if err != nil {
		c.t.Error(err)
	}
	c.client.Publish(c.address.Of(topic.Reply), 0, false, payload)
}

// grant is that of the last command; it must be good for this cabinet.
func (c *cabinet) grant() grant.Grant {
	c.t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.grantOf(c.command)
}

func (c *cabinet) grantOf(command wire.Command) grant.Grant {
	c.t.Helper()
	raw, err := grant.FromText(command.Grant)
	if err != nil {
		c.t.Fatal(err)
	}
	g, err := c.keys.Open(raw, "xs-01")
	if err != nil {
		c.t.Fatal(err)
	}
	return g
}

// does journals and sends one event.
func (c *cabinet) does(body wire.Body) {
	c.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		c.t.Fatal(err)
	}
	c.seq++
	c.say(topic.Event, []wire.Event{{
		V: 1, Cabinet: "xs-01", Journal: cardOf(50), Seq: c.seq, Boot: 1, At: time.Now().UnixMilli(), Clock: true,
		Type: body.Type(), Body: raw,
	}})
}

// sells goes through the visit of the last command.
func (c *cabinet) sells(lines ...settle.Line) {
	c.t.Helper()
	g := c.grant()
	c.does(wire.BegunBody{Visit: g.Visit, Compartment: 1, Purpose: g.Purpose, PriceVersion: g.PriceVersion, Config: 1, Limit: g.LimitFen})
	c.does(wire.OpenedBody{Visit: g.Visit})
	var units uint64
	for _, l := range lines {
		units += uint64(l.Qty)
	}
	c.does(wire.SettledBody{
		Visit: g.Visit, Compartment: 1, Purpose: g.Purpose, Config: 1, Counters: wire.Counters{Openings: 1, Units: units, Fen: protocol.Fen(200 * units)},
		Answer: settle.Answer{Decision: settle.Bill, Lines: lines, Confidence: 0.999, Rule: "1", Levels: []settle.Level{}},
	})
}

// told is everything that the cabinet was sent, unpacked where it was packed.
func (c *cabinet) told() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all strings.Builder
	for _, payload := range c.got {
		var plain json.RawMessage
		if err := wire.Decode(payload, &plain); err != nil {
			c.t.Error(err)
		}
		_, _ = io.WriteString(&all, string(plain)+"\n")
	}
	return all.String()
}
