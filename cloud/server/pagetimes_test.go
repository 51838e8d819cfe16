package server

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// figures are what the requests of one kind took, in milliseconds; CPU is that of the process, a request.
type figures struct {
	P50 float64 `json:"p50_ms"`
	P99 float64 `json:"p99_ms"`
	CPU float64 `json:"cpu_ms"`
	KB  float64 `json:"kb"`
}

// usualRequests is how often each page is asked for where nobody says it: enough to see that each answers.
const usualRequests = 2

func (c *months) measure(t *testing.T, k pageKind) figures {
	t.Helper()
	requests := usualRequests
	if n, err := strconv.Atoi(os.Getenv("PAGES_REQUESTS")); err == nil {
		requests = n
	}
	cold := os.Getenv("PAGES_COLD") != ""
	c.ask(t, k, 0) // What is read once, and kept.
	var times []float64
	var spent time.Duration
	var f figures
	for i := range requests {
		if cold {
			c.forget(t)
		}
		before, began := cpu(t), time.Now()
		f.KB = max(f.KB, float64(c.ask(t, k, i))/1024)
		times = append(times, time.Since(began).Seconds()*1000)
		spent += cpu(t) - before
	}
	slices.Sort(times)
	f.P50, f.P99 = times[len(times)/2], times[max(0, (len(times)*99+99)/100-1)]
	f.CPU = spent.Seconds() * 1000 / float64(requests)
	return f
}

// ask gives the size of the i-th page in bytes.
func (c *months) ask(t *testing.T, k pageKind, i int) int {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, k.path(i), nil)
	r.Header.Set("Accept-Language", "en")
	r.AddCookie(c.cookies[k.as])
	w := httptest.NewRecorder()
	c.Handler().ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Fatalf("%s: %d %.300s", k.path(i), w.Code, w.Body)
	}
	return w.Body.Len()
}

// cpu is what the process has used so far.
func cpu(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// forget drops the database's pages from the system's memory; what the connections keep themselves, 2 MB each, stays.
func (c *months) forget(t *testing.T) {
	t.Helper()
	f, err := os.Open(c.file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED); err != nil {
		t.Fatal(err)
	}
}

// report logs the times, and writes them where a bench waits for them.
func report(t *testing.T, times map[string]figures) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(times)) {
		f := times[name]
		t.Logf("%-14s p50 %7.1f ms, p99 %7.1f ms, CPU %7.1f ms, %6.0f kB", name, f.P50, f.P99, f.CPU, f.KB)
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
