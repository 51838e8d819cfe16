package control_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"allhours/firmware-sim/cabinet"
	"allhours/firmware-sim/control"
	"allhours/firmware-sim/fault"
	"allhours/firmware-sim/line"
	"allhours/protocol/fieldbus/modbus"
)

// cord notes whether the line is plugged in, and what is wrong with it.
type cord struct {
	out   bool
	noise line.Noise
}

func (c *cord) Plug(in bool) error {
	c.out = !in
	return nil
}

func (c *cord) Disturb(n line.Noise) { c.noise = n }

// site is a cabinet of three bottles behind its control port.
type site struct {
	cabinet *cabinet.Cabinet
	cord    *cord
	handler http.Handler
}

func newSite(t *testing.T) site {
	t.Helper()
	built, err := cabinet.New(cabinet.Plan{
		Cabinet: "xs-01", Layout: cabinet.Shelves, Baud: 115200,
		Platforms: []cabinet.Platform{{ID: "S1", Capacity: 40_000_000, Division: 1000, Goods: []cabinet.Good{{SKU: "1001", Unit: 571_000, SD: 2600, Stock: 3}}}},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := site{cabinet: built, cord: &cord{}}
	s.handler = control.New(t.Context(), built, s.cord).Handler()
	return s
}

// pulse releases the latch as an agent would.
func (s site) pulse(t *testing.T) {
	t.Helper()
	frame, err := modbus.SetCoil(cabinet.RelayUnit, 0x0200, 5).AppendFrame(nil)
	if err != nil {
		t.Fatal(err)
	}
	s.cabinet.Answer(frame, time.Now())
}

// request gives status, content type and body.
func (s site) request(method, path, body string) (int, string, string) {
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(body)))
	text, _ := io.ReadAll(w.Body) // a recorder's body can always be read
	return w.Code, w.Header().Get("Content-Type"), string(text)
}

func TestAShopperDoesWhatTheScriptSaysAndTheTruthTellsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.pulse(t)
		code, _, body := s.request("POST", "/cabinets/xs-01/shopper",
			`{"actions":[{"do":"pull"},{"do":"take","platform":"S1","sku":"1001","qty":2,"after_ms":800},{"do":"put","platform":"S1","sku":"1001","qty":1},{"do":"shut"}]}`)
		if code != http.StatusOK {
			t.Fatalf("%d %s", code, body)
		}
		_, _, body = s.request("GET", "/cabinets/xs-01/truth", "")
		var truth map[string]any
		if err := json.Unmarshal([]byte(body), &truth); err != nil {
			t.Fatal(err)
		}
		delete(truth["openings"].([]any)[0].(map[string]any), "pulsed_at_us") // it is the day's
		got, err := json.Marshal(truth)
		if err != nil {
			t.Fatal(err)
		}
		const want = `{"openings":[{"taken":[{"qty":1,"sku":"1001"}]}],"platforms":[{"goods":[{"qty":2,"sku":"1001"}],"id":"S1"}]}`
		if string(got) != want {
			t.Fatalf("got  %s\nwant %s", got, want)
		}
	})
}

func TestTheListOfCabinets(t *testing.T) {
	code, _, body := newSite(t).request("GET", "/cabinets", "")
	if want := `[{"id":"xs-01","layout":"shelves"}]` + "\n"; code != http.StatusOK || body != want {
		t.Fatalf("%d %s", code, body)
	}
}

func TestAFreshCabinetsTruthHasEmptyListsAndNoNull(t *testing.T) {
	_, _, body := newSite(t).request("GET", "/cabinets/xs-01/truth", "")
	if want := `{"platforms":[{"id":"S1","goods":[{"sku":"1001","qty":3}]}],"openings":[]}` + "\n"; body != want {
		t.Fatalf("got %s", body)
	}
}

func TestWhatCannotBeDoneIsAProblemThatSaysWhy(t *testing.T) {
	cases := []struct {
		name, method, path, body string
		code                     int
		detail                   string
	}{
		{"a take through a shut door", "POST", "/cabinets/xs-01/shopper", `{"actions":[{"do":"take","platform":"S1","sku":"1001","qty":1}]}`, 409, "action 0 (take 1 of 1001 at S1): the door is shut"},
		{"a take of more than there is", "POST", "/cabinets/xs-01/shopper", `{"actions":[{"do":"pull"},{"do":"take","platform":"S1","sku":"1001","qty":4}]}`, 409, "action 1 (take 4 of 1001 at S1): not so many lie there: there are 3"},
		{"a put of what nobody holds", "POST", "/cabinets/xs-01/shopper", `{"actions":[{"do":"pull"},{"do":"put","platform":"S1","sku":"1001","qty":1}]}`, 409, "action 1"},
		{"a pull that the latch does not follow", "POST", "/cabinets/xs-01/shopper", `{"actions":[{"do":"pull"}]}`, 409, "the latch did not give within 10s"},
		{"half a request", "POST", "/cabinets/xs-01/shopper", `{"actions":[{"do":`, 400, "body: ends too early, at byte 18"},
		{"a number as text", "POST", "/cabinets/xs-01/shopper", `{"actions":[{"do":"take","qty":"one"}]}`, 400, `field "actions.qty" wants int`},
		{"a field that does not exist", "POST", "/cabinets/xs-01/shopper", `{"actons":[]}`, 400, `unknown field "actons"`},
		{"two requests in one", "POST", "/cabinets/xs-01/shopper", `{"actions":[{"do":"pull"}]} {}`, 400, "more than one value"},
		{"no action", "POST", "/cabinets/xs-01/shopper", `{"actions":[]}`, 400, "want 1 to 200"},
		{"a verb that does not exist", "POST", "/cabinets/xs-01/shopper", `{"actions":[{"do":"steal"}]}`, 400, "action 0 (steal)"},
		{"another cabinet", "GET", "/cabinets/xs-99/truth", "", 404, `no cabinet "xs-99"`},
		{"a fault that does not exist", "POST", "/cabinets/xs-01/fault", `{"kind":"haunted"}`, 400, `kind "haunted"`},
		{"a scale's fault without a platform", "POST", "/cabinets/xs-01/fault", `{"kind":"scale_stuck"}`, 400, "needs a platform"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSite(t)
				code, kind, body := s.request(c.method, c.path, c.body)
				if code != c.code || kind != "application/problem+json" || !strings.Contains(unquoted(t, body), c.detail) {
					t.Fatalf("%d %s %s, want %d and %q", code, kind, body, c.code, c.detail)
				}
				if state := s.cabinet.State(); len(state.Heaps[0].Units) != 3 || len(state.Openings) != 0 {
					t.Fatalf("something was done: %+v", state)
				}
			})
		})
	}
}

func unquoted(t *testing.T, body string) string {
	t.Helper()
	var problem struct {
		Detail string `json:"detail"`
	}
	if err := json.Unmarshal([]byte(body), &problem); err != nil {
		t.Fatal(err)
	}
	return problem.Detail
}

func TestASecondShopperIsTurnedAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		first := make(chan int)
		go func() {
			code, _, _ := s.request("POST", "/cabinets/xs-01/shopper", `{"actions":[{"do":"pull"}]}`)
			first <- code
		}()
		synctest.Wait() // the first is pulling
		code, _, body := s.request("POST", "/cabinets/xs-01/shopper", `{"actions":[{"do":"pull"}]}`)
		if code != http.StatusConflict || !strings.Contains(body, "another shopper") {
			t.Fatalf("%d %s", code, body)
		}
		s.pulse(t)
		if code := <-first; code != http.StatusOK {
			t.Fatalf("the first shopper got %d", code)
		}
	})
}

func TestACallerWhoHangsUpDoesNotLeaveAVisitHalfDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.pulse(t)
		ctx, hangUp := context.WithCancel(t.Context())
		hangUp()
		body := `{"actions":[{"do":"pull"},{"do":"take","platform":"S1","sku":"1001","qty":1,"after_ms":1000},{"do":"shut"}]}`
		r := httptest.NewRequest("POST", "/cabinets/xs-01/shopper", strings.NewReader(body)).WithContext(ctx)
		s.handler.ServeHTTP(httptest.NewRecorder(), r)
		if state := s.cabinet.State(); state.DoorOpen || len(state.Heaps[0].Units) != 2 {
			t.Fatalf("%+v", state)
		}
	})
}

func TestTheLineIsDisturbedAsOrderedAndSoundAgainOnceMended(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		order := func(body string) {
			if code, _, text := s.request("POST", "/cabinets/xs-01/fault", body); code != http.StatusOK {
				t.Fatalf("%d %s", code, text)
			}
		}
		order(`{"kind":"line_flips","rate":0.001}`)
		order(`{"kind":"line_flips","rate":0.01}`)
		order(`{"kind":"line_late","delay_ms":70}`)
		order(`{"kind":"line_foreign","rate":0.5,"frame":"0201"}`)
		want := line.Noise{Flips: 0.01, Late: 70 * time.Millisecond, Foreign: 0.5, Frame: []byte{2, 1}}
		if !reflect.DeepEqual(s.cord.noise, want) {
			t.Fatalf("%+v, want %+v", s.cord.noise, want)
		}
		order(`{"kind":"line_flips","mend":true,"rate":0.01}`)
		order(`{"kind":"line_late","mend":true,"delay_ms":70}`)
		order(`{"kind":"line_foreign","mend":true,"rate":0.5,"frame":"0201"}`)
		if !reflect.DeepEqual(s.cord.noise, line.Noise{}) {
			t.Fatalf("after mending %+v", s.cord.noise)
		}
	})
}

func TestLocksAreListedAndTheirDoorsMoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		move := `{"lock":0,"channel":0,"open":true}`
		if code, _, text := s.request("POST", "/cabinets/xs-01/locks", move); code != http.StatusConflict {
			t.Fatalf("a latched door gives %d %s", code, text)
		}
		s.pulse(t)
		time.Sleep(time.Second)
		code, _, text := s.request("POST", "/cabinets/xs-01/locks", move)
		var boards []cabinet.LockReport
		if err := json.Unmarshal([]byte(text), &boards); err != nil || code != http.StatusOK {
			t.Fatalf("%d %s", code, text)
		}
		want := cabinet.SolenoidReport{Orders: 1, Pulses: 1, LongestUS: 500_000}
		if len(boards) != 1 || boards[0].Family != cabinet.ModbusRelay || boards[0].Orders != 1 || boards[0].Channels[0] != want {
			t.Fatalf("%+v, want %+v", boards, want)
		}
	})
}

func TestFaultsAreSetListedAndMended(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		report := func(method, body string) control.FaultReport {
			code, _, text := s.request(method, "/cabinets/xs-01/fault", body)
			if code != http.StatusOK {
				t.Fatalf("%d %s", code, text)
			}
			var r control.FaultReport
			if err := json.Unmarshal([]byte(text), &r); err != nil {
				t.Fatal(err)
			}
			return r
		}
		report("POST", `{"kind":"scale_stuck","platform":"S1"}`)
		report("POST", `{"kind":"line_unplugged"}`)
		if r := report("GET", ""); len(r.Active) != 2 || r.Active[0] != (fault.Fault{Kind: fault.ScaleStuck, Platform: "S1"}) || len(r.Kinds) != len(fault.Kinds()) {
			t.Fatalf("%+v", r)
		}
		if !s.cord.out {
			t.Fatal("the line is still plugged in")
		}
		report("POST", `{"kind":"scale_stuck","platform":"S1","mend":true}`)
		if r := report("POST", `{"kind":"line_unplugged","mend":true}`); len(r.Active) != 0 || s.cord.out {
			t.Fatalf("%+v, line out: %v", r, s.cord.out)
		}
	})
}
