package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"allhours/cloud"
	"allhours/cloud/internal/store/sqlite"
	"allhours/cloud/internal/store/sqlite/crowd"
	"allhours/protocol"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

// dashboardCrowd is ten thousand cabinets around four hundred stores, after nine days: so there is a night to hold this one against.
func dashboardCrowd() crowd.Size {
	return crowd.Size{Stores: 400, Cabinets: 10_000, Articles: 4, Days: 9, Events: 360_000}
}

const dashboardAsked = 200 // times

// BenchmarkDashboard asks for the page of the chain with ten thousand cabinets, all of which speak but each hundredth. What was drawn
// may not be used again: between two requests something changes, and more time passes than a drawing is kept for, which is eight times
// as long as it took.
func BenchmarkDashboard(b *testing.B) {
	for range b.N {
		measureDashboard(b)
	}
}

func measureDashboard(b *testing.B) {
	d := openDashboard(b)
	first := make([]float64, 0, dashboardAsked)
	for range dashboardAsked {
		d.speak(b, 50)
		pause := 600 * time.Millisecond
		if n := len(first); n > 0 {
			pause = max(pause, time.Duration(10*first[n-1]*float64(time.Millisecond)))
		}
		time.Sleep(pause)
		first = append(first, d.firstByte(b, "/tonight"))
	}
	slices.Sort(first)
	store := d.firstByte(b, "/stores/s-7")
	b.ReportMetric(first[len(first)/2], "median-ms")
	b.ReportMetric(first[(len(first)*99+99)/100-1], "first-ms")
	b.ReportMetric(store, "store-ms")
	b.ReportMetric(d.weight(b, "/tonight")/1000, "kB")
	b.ReportMetric(d.interactive(b), "interactive-ms")
}

// dashboard is a server over a crowd that speaks.
type dashboard struct {
	*Server
	base   string
	cookie *http.Cookie
	next   int
	clock  func() time.Time
}

func openDashboard(b *testing.B) *dashboard {
	b.Helper()
	data, size := b.TempDir(), dashboardCrowd()
	midnight := midnightOf(b, data)
	fillOnce(b, data, size, midnight)
	born(b, filepath.Join(data, databaseName), size.Cabinets, midnight)
	pages, mqtt := listener(b), listener(b)
	began := time.Now()
	d := &dashboard{base: "http://" + pages.Addr().String(), clock: func() time.Time { return midnight.Add(10*time.Minute + time.Since(began)) }}
	var err error
	if d.Server, err = New(b.Context(), Options{Data: data, Demo: true, HTTP: pages, MQTT: mqtt, Now: d.clock, Logger: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))}); err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	b.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			b.Error(err)
		}
	})
	d.cookie = signInStaff(b, d.Server)
	d.speak(b, size.Cabinets)
	d.settle(b)
	d.speak(b, size.Cabinets)
	return d
}

func listener(b *testing.B) net.Listener {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	return l
}

// settle waits until every store was looked at and the night is counted.
func (d *dashboard) settle(b *testing.B) {
	b.Helper()
	for deadline := time.Now().Add(5 * time.Minute); ; time.Sleep(time.Second) {
		d.speak(b, 40)
		heads, err := d.core.Coverage.Stores(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		sold, err := d.core.Tonight.Sold(b.Context(), "")
		if err != nil {
			b.Fatal(err)
		}
		first, err := d.core.Fleet.Cabinet(b.Context(), cabinetOf(1))
		if err != nil {
			b.Fatal(err)
		}
		left := 0
		for _, h := range heads {
			if !h.Known {
				left++
			}
		}
		if left == 0 && sold.Known && first.State == cloud.CabinetReady {
			return
		}
		if time.Now().After(deadline) {
			b.Fatalf("%d stores are not looked at; the night is counted: %v", left, sold.Known)
		}
	}
}

func (d *dashboard) hear(b *testing.B, n int, ch topic.Channel, body any) {
	b.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		b.Fatal(err)
	}
	if err := d.core.Handle(b.Context(), topic.Address{Cabinet: cabinetOf(n)}, ch, raw); err != nil {
		b.Fatal(err)
	}
}

func (d *dashboard) telemetry(b *testing.B, n int) {
	t := wire.Telemetry{V: 1, Cabinet: cabinetOf(n), At: d.clock().UnixMilli(), Clock: true, PollHz: 14.5}
	c := wire.CompartmentTelemetry{Compartment: 1, Door: wire.DoorStateShut, Selling: n%97 != 0}
	for p := range 4 {
		c.Weights = append(c.Weights, wire.Weight{Platform: protocol.PlatformID(fmt.Sprintf("P%d", p+1)), Weight: 4_000_000, OK: true})
	}
	t.Compartments = append(t.Compartments, c)
	d.hear(b, n, topic.Telemetry, t)
}

// speak lets some cabinets tell how they are.
func (d *dashboard) speak(b *testing.B, many int) {
	for range many {
		d.next = (d.next + 1) % 10_000
		if d.next%100 != 0 {
			d.telemetry(b, d.next)
		}
	}
}

// firstByte is how long the first byte of a page takes, in milliseconds, over a connection that is open.
func (d *dashboard) firstByte(b *testing.B, path string) float64 {
	b.Helper()
	var asked, came time.Time
	ctx := httptrace.WithClientTrace(b.Context(), &httptrace.ClientTrace{
		WroteRequest: func(httptrace.WroteRequestInfo) { asked = time.Now() }, GotFirstResponseByte: func() { came = time.Now() },
	})
	d.get(b, ctx, path)
	return came.Sub(asked).Seconds() * 1000
}

func (d *dashboard) get(b *testing.B, ctx context.Context, path string) []byte {
	b.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, d.base+path, nil)
	if err != nil {
		b.Fatal(err)
	}
	r.AddCookie(d.cookie)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		b.Fatalf("%s: %d %v", path, answer.StatusCode, err)
	}
	return body
}

// weight is how many bytes a page has with all that it loads, nothing compressed.
func (d *dashboard) weight(b *testing.B, path string) float64 {
	page := d.get(b, b.Context(), path)
	sum := len(page)
	for _, m := range regexp.MustCompile(`"(/static/[^"]+)"`).FindAllStringSubmatch(string(page), -1) {
		sum += len(d.get(b, b.Context(), m[1]))
	}
	return float64(sum)
}

// interactive is how long a browser that has never seen the page takes until it answers: until its scripts have run and no long
// task holds the thread, in milliseconds; the median of some.
func (d *dashboard) interactive(b *testing.B) float64 {
	b.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		b.Fatal("chromium is missing")
	}
	var times []float64
	for range 5 {
		allocator, stop := chromedp.NewExecAllocator(b.Context(), chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
			chromedp.UserDataDir(filepath.Join(b.TempDir(), "profile")), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-dev-shm-usage", true))
		ctx, cancel := chromedp.NewContext(allocator)
		times = append(times, d.timed(b, ctx))
		cancel()
		stop()
	}
	slices.Sort(times)
	return times[len(times)/2]
}

// browserStarts is for how long a browser with a new profile is busy with itself: whoever opens a page has it open already.
const browserStarts = 2 * time.Second

// interactiveScript waits half a second for long tasks after the page has loaded.
const interactiveScript = `new Promise((done) => {
  let last = 0;
  new PerformanceObserver((list) => { for (const t of list.getEntries()) last = Math.max(last, t.startTime + t.duration); }).observe({ type: "longtask", buffered: true });
  setTimeout(() => done(Math.max(last, performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd)), 500);
})`

func (d *dashboard) timed(b *testing.B, ctx context.Context) float64 {
	b.Helper()
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		b.Fatal(err)
	}
	time.Sleep(browserStarts)
	if _, err := chromedp.Call(ctx, network.SetCookie, network.SetCookieParams{Name: d.cookie.Name, Value: d.cookie.Value, URL: d.base + "/"}); err != nil {
		b.Fatal(err)
	}
	if err := chromedp.Do(ctx, chromedp.Navigate(d.base+"/tonight")); err != nil {
		b.Fatal(err)
	}
	took, err := chromedp.Run(ctx, chromedp.Evaluate[float64](interactiveScript, chromedp.EvalAwaitPromise))
	if err != nil {
		b.Fatal(err)
	}
	if drawn, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`document.querySelector(".curve canvas") !== null && document.querySelector(".cmap a") !== null`)); err != nil || !drawn {
		b.Fatalf("the page is not whole: %v", err)
	}
	return took
}

// born writes down the first word of each connection, as if the service had been started again meanwhile.
func born(b *testing.B, file string, cabinets int, at time.Time) {
	b.Helper()
	db, err := sqlite.Open(b.Context(), sqlite.Options{Path: file})
	if err != nil {
		b.Fatal(err)
	}
	err = db.Update(b.Context(), func(tx cloud.Tx) error {
		for n := range cabinets {
			if n%100 == 0 {
				continue
			}
			birth := wire.Birth{V: 1, Cabinet: cabinetOf(n), Journal: protocol.UUID{0: 1, 1: 0x90, 6: 0x70, 8: 0x80, 15: 1}, Conn: protocol.UUID{6: 0x70, 8: 0x80, 14: byte(n >> 8), 15: byte(n)}, Challenge: make([]byte, 16)}
			if err := tx.Births.Save(birth, at); err != nil {
				return err
			}
		}
		return nil
	})
	if err := errors.Join(err, db.Close()); err != nil {
		b.Fatal(err)
	}
}

func cabinetOf(n int) protocol.CabinetID { return protocol.CabinetID(fmt.Sprintf("c-%d", n)) }
