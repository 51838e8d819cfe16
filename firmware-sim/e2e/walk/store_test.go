package walk

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"allhours/firmware-sim/phone"
	"allhours/firmware-sim/street"
)

// store is the neighbourhood, and its manager at the desk.
type store struct {
	*testing.T
	*street.Neighbourhood
	bin      string
	password string // of all of the staff
	manager  *http.Client
	planned  int // rounds
}

func openStore(t *testing.T) *store {
	t.Helper()
	bin, err := filepath.Abs("../../../bin")
	if err != nil {
		t.Fatal(err)
	}
	n, err := street.Start(t.Context(), street.Options{Bin: bin, Dir: t.TempDir(), Cabinets: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Stop(); err != nil {
			t.Error(err)
		}
	})
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	s := &store{T: t, Neighbourhood: n, bin: bin, manager: &http.Client{Jar: jar}}
	name := ""
	s.until("the town says how the manager signs in", func() bool {
		name, s.password, err = n.Manager()
		return err == nil
	})
	s.asks("/api/v1/auth/staff", "", map[string]any{"name": name, "password": s.password}, nil)
	return s
}

func (s *store) until(what string, so func() bool) {
	s.Helper()
	tick, end := time.NewTicker(50*time.Millisecond), time.After(limit)
	defer tick.Stop()
	for !so() {
		select {
		case <-tick.C:
		case <-end:
			s.Fatalf("waited in vain until %s", what)
		}
	}
}

// ctl runs the administrator's tool beside the service.
func (s *store) ctl(stdin string, args ...string) string {
	s.Helper()
	cmd := exec.CommandContext(s.Context(), filepath.Join(s.bin, "fleetctl"), append([]string{"--data", s.Data()}, args...)...)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	if err != nil {
		s.Fatalf("fleetctl %v: %v: %s", args, err, out)
	}
	return string(out)
}

// asks has the manager ask for something.
func (s *store) asks(path, key string, body, into any) {
	s.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		s.Fatal(err)
	}
	req, err := http.NewRequestWithContext(s.Context(), http.MethodPost, s.Service+path, bytes.NewReader(raw))
	if err != nil {
		s.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	resp, err := s.manager.Do(req)
	if err != nil {
		s.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		s.Fatalf("%s: %s", path, resp.Status)
	}
	if into == nil {
		return
	}
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		s.Fatalf("%s: %v", path, err)
	}
}

// line is what one lane is to be brought.
type line struct {
	Cabinet  string `json:"cabinet"`
	Platform string `json:"platform"`
	SKU      string `json:"sku"`
	Units    int    `json:"units"`
}

// plans a round of both cabinets, and gives its id.
func (s *store) plans(lines ...line) string {
	s.Helper()
	var round struct {
		ID string `json:"id"`
	}
	s.planned++
	s.asks("/api/v1/rounds", fmt.Sprintf("plan-%d", s.planned), map[string]any{"store": "qianjiang", "cabinets": []string{"xs-01", "xs-02"}, "lines": lines}, &round)
	return round.ID
}

// leg is what goes to another store, or comes from there.
type leg struct {
	Store string `json:"store"`
	Way   string `json:"way"`
	SKU   string `json:"sku"`
	Units int    `json:"units"`
}

// plansLegs plans a round to another store alone, and gives its id.
func (s *store) plansLegs(legs ...leg) string {
	s.Helper()
	var round struct {
		ID string `json:"id"`
	}
	s.planned++
	s.asks("/api/v1/rounds", fmt.Sprintf("plan-%d", s.planned), map[string]any{"store": "qianjiang", "cabinets": []string{}, "legs": legs}, &round)
	return round.ID
}

// round is what the interface tells of one.
type round struct {
	State string `json:"state"`
	Legs  []struct {
		Handed *int   `json:"handed"`
		Reason string `json:"reason"`
	} `json:"legs"`
	Stops []struct {
		Cabinet  string `json:"cabinet"`
		State    string `json:"state"`
		Openings int    `json:"openings"`
	} `json:"stops"`
	Lines []struct {
		line
		Picked  int    `json:"picked"`
		Short   string `json:"short"`
		Counted *int   `json:"counted"`
		Weighed *int   `json:"weighed"`
		After   int    `json:"after"`
	} `json:"lines"`
	Rest []struct {
		SKU                  string
		Expected, Back, Kept int
	} `json:"rest"`
	Steps []struct {
		Key   string `json:"key"`
		Kind  string `json:"kind"`
		By    string `json:"by"`
		SKU   string `json:"sku"`
		Units int    `json:"units"`
	} `json:"steps"`
}

func (s *store) round(id string) (r round) {
	s.Helper()
	if err := phone.GetJSON(s.Context(), s.manager, s.Service+"/api/v1/rounds/"+id, &r); err != nil {
		s.Fatal(err)
	}
	return r
}

// steps counts what was done on a round, by kind and article.
// plansCount has one lane counted.
func (s *store) plansCount(cabinet, platform, sku string) string {
	s.Helper()
	var round struct {
		ID string `json:"id"`
	}
	s.planned++
	lanes := []map[string]string{{"cabinet": cabinet, "platform": platform, "sku": sku}}
	s.asks("/api/v1/rounds", fmt.Sprintf("plan-%d", s.planned), map[string]any{"kind": "count", "store": "qianjiang", "cabinets": []string{cabinet}, "lanes": lanes}, &round)
	return round.ID
}

func (s *store) steps(id string) map[string]int {
	s.Helper()
	n, keys := map[string]int{}, map[string]bool{}
	for _, step := range s.round(id).Steps {
		if keys[step.Key] {
			s.Errorf("a step came twice: %+v", step)
		}
		keys[step.Key] = true
		n[strings.TrimSpace(step.Kind+" "+step.SKU)]++
	}
	return n
}

// sound holds the books to themselves, and each cabinet's to what really lies in it.
func (s *store) sound() {
	s.Helper()
	s.ctl("", "audit")
	for _, cabinet := range s.Cabinets {
		var book struct {
			Goods []struct {
				Platform string `json:"platform"`
				SKU      string `json:"sku"`
				Units    int    `json:"units"`
			} `json:"goods"`
		}
		if err := phone.GetJSON(s.Context(), s.manager, s.Service+"/api/v1/cabinets/"+cabinet, &book); err != nil {
			s.Fatal(err)
		}
		truth, err := s.Truth(s.Context(), cabinet)
		if err != nil {
			s.Fatal(err)
		}
		lies := map[string]int{}
		for _, p := range truth.Platforms {
			for _, g := range p.Goods {
				lies[p.ID+" "+g.SKU] = g.Qty
			}
		}
		for _, g := range book.Goods {
			if at := g.Platform + " " + g.SKU; lies[at] != g.Units {
				s.Errorf("%s: %s: %d by book, %d in truth", cabinet, at, g.Units, lies[at])
			}
		}
		if len(book.Goods) == 0 {
			s.Errorf("%s has no goods", cabinet)
		}
	}
}

func (s *store) hands(cabinet string, actions ...phone.Action) {
	s.Helper()
	if err := (phone.Hands{Sim: s.Sim}).Shop(s.Context(), cabinet, actions...); err != nil {
		s.Fatal(fmt.Errorf("hands at %s: %w", cabinet, err))
	}
}

// pulls tries a door until its latch gives.
func (s *store) pulls(cabinet string) {
	s.Helper()
	s.until("the latch of "+cabinet+" gives", func() bool {
		return phone.Hands{Sim: s.Sim}.Shop(s.Context(), cabinet, phone.Action{Do: "pull"}) == nil
	})
}
