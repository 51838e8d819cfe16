package server

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"allhours/cloud/internal/store/sqlite/crowd"
	"allhours/protocol"
)

// smallCrowd is enough to see that the rows fit the schema and every page shows them.
func smallCrowd() crowd.Size {
	return crowd.Size{Stores: 2, Cabinets: 4, Articles: 4, Days: 12, Events: 400}
}

// crowdOf scales the chain of ten million events.
func crowdOf(events int) crowd.Size {
	s := crowd.TenMillion()
	if os.Getenv("PAGES_WIDE") != "" {
		s = crowd.Wide()
	}
	s.Days, s.Events = max(s.Days*events/s.Events, 1), events
	return s
}

// TestPagesOverACrowd answers every page of the queue, the accounts and the fleet from a database of months. PAGES_EVENTS makes it
// as large as is asked, in the folder PAGES_DATA, which is filled once; PAGES_WIDE spreads it over 10,000 cabinets. Each page
// is asked for PAGES_REQUESTS times, of another day, cabinet or visit each time; PAGES_COLD lets the system forget the file
// before each. PAGES_OUT gets the figures.
func TestPagesOverACrowd(t *testing.T) {
	c := openCrowd(t)
	times := map[string]figures{}
	for _, k := range c.kinds() {
		times[k.name] = c.measure(t, k)
	}
	report(t, times)
	saysNoScan(t, c.plans(t))
}

// months is a server over the books of a crowd, with somebody of the staff and a resident who are signed in.
type months struct {
	*Server
	size     crowd.Size
	midnight time.Time
	file     string
	cookies  map[reader]*http.Cookie
}

// reader is who asks for a page.
type reader int

const (
	staff reader = iota
	resident
)

func openCrowd(t *testing.T) *months {
	t.Helper()
	c := &months{size: smallCrowd()}
	data := t.TempDir()
	if events, err := strconv.Atoi(os.Getenv("PAGES_EVENTS")); err == nil {
		c.size = crowdOf(events)
	}
	if kept := os.Getenv("PAGES_DATA"); kept != "" {
		data = kept
	}
	c.midnight = midnightOf(t, data)
	c.file = filepath.Join(data, databaseName)
	fillOnce(t, data, c.size, c.midnight)
	c.open(t, Options{Data: data, Demo: true, Logger: slog.New(slog.NewTextHandler(os.Stderr, nil))})
	return c
}

func (c *months) open(t *testing.T, o Options) {
	t.Helper()
	o.Now = func() time.Time { return c.midnight.Add(10 * time.Minute) }
	var err error
	if c.Server, err = New(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	c.cookies = map[reader]*http.Cookie{staff: signInStaff(t, c.Server), resident: c.signInResident(t)}
}

// midnightOf is the last one of the chain's clocks, or that of the day on which a kept file was filled.
func midnightOf(t testing.TB, data string) time.Time {
	t.Helper()
	shanghai := time.FixedZone("CST", 8*3600)
	at := time.Now()
	if kept, err := os.Stat(filepath.Join(data, keysName)); err == nil {
		at = kept.ModTime()
	}
	at = at.In(shanghai)
	return time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, shanghai)
}

func fillOnce(t testing.TB, data string, size crowd.Size, midnight time.Time) {
	t.Helper()
	file := filepath.Join(data, databaseName)
	if _, err := os.Stat(file); err == nil {
		return
	}
	admin, err := OpenAdmin(t.Context(), data, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := admin.Apply(t.Context(), crowdDocument(size)); err != nil {
		t.Fatal(err)
	}
	if err := admin.AddStaff(t.Context(), "owner", protocol.RoleOwner, "a long password"); err != nil {
		t.Fatal(err)
	}
	if err := admin.Close(); err != nil {
		t.Fatal(err)
	}
	if err := crowd.Fill(context.Background(), file, size, midnight); err != nil {
		t.Fatal(err)
	}
}

func crowdDocument(s crowd.Size) []byte {
	type object = map[string]any
	var stores, articles, cabinets []object
	for i := range s.Stores {
		stores = append(stores, object{
			"id": fmt.Sprintf("s-%d", i), "name_zh": fmt.Sprintf("%d 店", i), "name_en": fmt.Sprintf("Store %d", i), "hours": []object{{"open": "07:00", "close": "22:00"}},
			"latitude": json.Number(fmt.Sprintf("%.6f", 30.05+float64(i*37%211)*0.0013)), "longitude": json.Number(fmt.Sprintf("%.6f", 120.05+float64(i*53%199)*0.0015)),
		})
	}
	for k := range s.Articles {
		articles = append(articles, object{
			"sku": strconv.Itoa(1000 + k), "name_zh": fmt.Sprintf("货 %d", k), "name_en": fmt.Sprintf("Good %d", k), "category": "water", "zone": "ambient", "unit_mg": 571000 + 30000*k, "sd_mg": 2600,
			"price_fen": 400, "cost_fen": 230, "shelf_life_days": 540, "essential": true, "vat_percent": 13, "min_age": 0, "case_size": 24,
		})
	}
	for c := range s.Cabinets {
		var platforms []object
		for p := range 4 {
			var goods []object
			for k := p; k < s.Articles; k += 4 {
				goods = append(goods, object{"sku": strconv.Itoa(1000 + k), "stock": 0})
			}
			platforms = append(platforms, object{"id": fmt.Sprintf("P%d", p+1), "compartment": 1, "capacity_mg": 30000000, "division_mg": 1000, "goods": goods})
		}
		cabinets = append(cabinets, object{
			"id": fmt.Sprintf("c-%d", c), "store": fmt.Sprintf("s-%d", c/(s.Cabinets/s.Stores)), "number": c + 1, "place_zh": "门口", "place_en": "Gate", "layout": "shelves", "platforms": platforms,
		})
	}
	raw, err := json.Marshal(object{
		"chain":  object{"name_zh": "邻里", "name_en": "Linli", "support_phone": "0571-1234", "hold_fen": 5000, "time_zone": "Asia/Shanghai"},
		"stores": stores, "articles": articles, "cabinets": cabinets,
	})
	if err != nil {
		panic(err)
	}
	return raw
}

func signInStaff(t testing.TB, s *Server) *http.Cookie {
	t.Helper()
	r := httptest.NewRequest("POST", "/staff/signin", strings.NewReader(url.Values{"name": {"owner"}, "password": {"a long password"}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	if w.Code != http.StatusSeeOther || len(w.Result().Cookies()) == 0 {
		t.Fatalf("sign in: %d", w.Code)
	}
	return w.Result().Cookies()[0]
}

// signInResident makes the newest session that of a resident of the crowd, whose phone nobody knows.
func (c *months) signInResident(t *testing.T) *http.Cookie {
	t.Helper()
	b := &browser{rig: &rig{t: t, server: c.Server}}
	var sent struct {
		Code string `json:"demo_code"`
	}
	b.want(200, "POST", "/api/v1/auth/code", `{"phone":"+8613900007777"}`, &sent)
	b.want(200, "POST", "/api/v1/auth/session", `{"phone":"+8613900007777","code":"`+sent.Code+`"}`, nil)
	raw := c.raw(t)
	defer raw.Close()
	if _, err := raw.ExecContext(t.Context(), `UPDATE sessions SET person = '`+c.person(3)+`' WHERE person IN (SELECT id FROM residents WHERE masked LIKE '%7777' AND id NOT LIKE '01900009-%')`); err != nil {
		t.Fatal(err)
	}
	return b.cookies[0]
}

// raw is the database without the store before it.
func (c *months) raw(t *testing.T) *sql.DB {
	t.Helper()
	driver, at := "sqlite3", "file:"+c.file+"?_busy_timeout=30000"
	if c.o.DatabaseURL != "" {
		driver, at = "pgx", c.o.DatabaseURL
	}
	raw, err := sql.Open(driver, at)
	if err != nil {
		t.Fatal(err)
	}
	raw.SetMaxOpenConns(1)
	return raw
}
