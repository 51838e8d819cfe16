package server

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
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
	if days := s.Days * events / s.Events; days > 0 {
		s.Days, s.Events = days, events
	}
	return s
}

// TestPagesOverACrowd answers every page of the accounts and the queue from a database of months. PAGES_EVENTS makes it as
// large as is asked, in the folder PAGES_DATA, which is filled once; PAGES_OUT gets the times.
func TestPagesOverACrowd(t *testing.T) {
	size, data := smallCrowd(), t.TempDir()
	if events, err := strconv.Atoi(os.Getenv("PAGES_EVENTS")); err == nil {
		size = crowdOf(events)
	}
	if kept := os.Getenv("PAGES_DATA"); kept != "" {
		data = kept
	}
	shanghai := time.FixedZone("CST", 8*3600)
	today := time.Now().In(shanghai)
	midnight := time.Date(today.Year(), today.Month(), today.Day(), 0, 0, 0, 0, shanghai)
	fillOnce(t, data, size, midnight)
	s, err := New(t.Context(), Options{Data: data, Demo: true, Now: func() time.Time { return midnight.Add(10 * time.Minute) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	session := signInStaff(t, s)
	yesterday := midnight.AddDate(0, 0, -1).Format(time.DateOnly)
	longAgo := midnight.AddDate(0, 0, -size.Days/2).Format(time.DateOnly)
	times := map[string]float64{}
	for name, path := range map[string]string{
		"tonight": "/tonight", "cabinet": "/cabinets/c-1", "reconcile": "/reconcile", "day": "/reconcile/s-1/" + yesterday, "today": "/reconcile/s-1/" + midnight.Format(time.DateOnly),
		"past": "/reconcile/s-0/" + longAgo, "statements": "/statements", "goods_csv": "/reconcile/s-1/" + yesterday + "/goods.csv", "statement_csv": "/reconcile/s-1/" + yesterday + "/statement.csv",
		"entries_csv": "/reconcile/s-1/" + yesterday + "/entries.csv", "api_day": "/api/v1/reconcile/s-1/" + yesterday, "api_reviews": "/api/v1/reviews", "visit": "/v/01900001-0000-7000-8000-000000000001",
	} {
		times[name] = page(t, s, session, path)
	}
	report(t, times)
}

func fillOnce(t *testing.T, data string, size crowd.Size, midnight time.Time) {
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
		stores = append(stores, object{"id": fmt.Sprintf("s-%d", i), "name_zh": fmt.Sprintf("%d 店", i), "name_en": fmt.Sprintf("Store %d", i), "hours": []object{{"open": "07:00", "close": "22:00"}}})
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

func signInStaff(t *testing.T, s *Server) *http.Cookie {
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

// page gives the median time of a page in milliseconds.
func page(t *testing.T, s *Server, session *http.Cookie, path string) float64 {
	t.Helper()
	var times []float64
	for range 5 {
		r := httptest.NewRequest("GET", path, nil)
		r.Header.Set("Accept-Language", "en")
		r.AddCookie(session)
		w := httptest.NewRecorder()
		began := time.Now()
		s.Handler().ServeHTTP(w, r)
		times = append(times, time.Since(began).Seconds()*1000)
		if w.Code != http.StatusOK {
			t.Fatalf("%s: %d %.300s", path, w.Code, w.Body)
		}
	}
	slices.Sort(times)
	return times[len(times)/2]
}

// report logs the times, and writes them where a bench waits for them.
func report(t *testing.T, times map[string]float64) {
	t.Helper()
	for name, ms := range times {
		t.Logf("%-14s %7.1f ms", name, ms)
	}
	out := os.Getenv("PAGES_OUT")
	if out == "" {
		return
	}
	raw, err := json.Marshal(times)
	if err == nil {
		err = os.WriteFile(out, raw, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}
