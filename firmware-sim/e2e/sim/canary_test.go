package sim

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/firmware-sim/phone"
	"allhours/protocol"
)

// canary is a number that is somebody's for the length of this test.
const canary = "+8613951477268"

// browser is one person's, without a script. It remembers each address that it asked for, was led to or was shown.
type browser struct {
	p         *scene
	cookies   map[string]string
	at        string // which the next request names as its referrer
	addresses *strings.Builder
}

func (p *scene) browser(addresses *strings.Builder) *browser {
	return &browser{p: p, cookies: map[string]string{}, at: "/", addresses: addresses}
}

var shownAddress = regexp.MustCompile(`(?:href|action|src|data-live|data-path)="([^"]*)"`)

func (b *browser) send(method, target string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(context.Background(), method, "http://localhost"+target, strings.NewReader(form.Encode()))
	r.RemoteAddr = "127.0.0.1:4000"
	r.Header.Set("Accept-Language", "en")
	r.Header.Set("Referer", "http://localhost"+b.at)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	b.p.service.up().server.Handler().ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		b.cookies[c.Name] = c.Value
		fmt.Fprintln(b.addresses, c.Name, c.Path)
	}
	fmt.Fprintln(b.addresses, method, target, b.at, w.Header().Get("Location"))
	for _, found := range shownAddress.FindAllStringSubmatch(w.Body.String(), -1) {
		fmt.Fprintln(b.addresses, found[1])
	}
	b.at = target
	return w
}

// get and post want a status, and give what the page says.
func (b *browser) get(status int, target string) string {
	b.p.t.Helper()
	return b.wants(status, b.send(http.MethodGet, target, nil), target)
}

func (b *browser) post(status int, target string, pairs ...string) string {
	b.p.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return b.wants(status, b.send(http.MethodPost, target, form), target)
}

func (b *browser) wants(status int, w *httptest.ResponseRecorder, target string) string {
	b.p.t.Helper()
	if w.Code != status {
		b.p.t.Fatalf("%s: got %d, want %d: %s", target, w.Code, status, w.Body)
	}
	if to := w.Header().Get("Location"); to != "" {
		return to
	}
	return w.Body.String()
}

var (
	shownCode    = regexp.MustCompile(`class="demo">[^<]*?(\d{6})`)
	shownConsent = regexp.MustCompile(`name="consent" value="([^"]*)"`)
)

func (b *browser) finds(what *regexp.Regexp, page string) string {
	b.p.t.Helper()
	found := what.FindStringSubmatch(page)
	if found == nil {
		b.p.t.Fatalf("%s is not in %s", what, page)
	}
	return found[1]
}

// signIn takes the long way: without consent, with a wrong code, with the right one. It gives the codes.
func (b *browser) signIn(base string) (codes []string) {
	b.p.t.Helper()
	consent := b.finds(shownConsent, b.send(http.MethodGet, "/purse", nil).Body.String())
	b.send(http.MethodPost, base+"/code", url.Values{"phone": {"139 5147 7268"}})
	b.send(http.MethodPost, base+"/code", url.Values{"phone": {canary + "12345"}, "consent": {consent}})
	code := b.finds(shownCode, b.send(http.MethodPost, base+"/code", url.Values{"phone": {"139-5147-7268"}, "consent": {consent}}).Body.String())
	wrong := "000000"
	if code == wrong {
		wrong = "111111"
	}
	b.send(http.MethodPost, base+"/session", url.Values{"phone": {canary}, "code": {wrong}, "consent": {consent}})
	b.post(http.StatusSeeOther, base+"/session", "phone", canary, "code", code, "consent", consent)
	return []string{code}
}

// confirms proves the phone once more.
func (b *browser) confirms(act string) (code string) {
	b.p.t.Helper()
	return b.finds(shownCode, b.post(http.StatusOK, "/mydata/confirm", "act", act))
}

// eavesdropper remembers what went over the network, unpacked.
type eavesdropper struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (e *eavesdropper) take(p []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.all.Write(p)
	if at := bytes.Index(p, []byte{0x1f, 0x8b}); at >= 0 {
		if z, err := gzip.NewReader(bytes.NewReader(p[at:])); err == nil {
			_, _ = io.Copy(&e.all, z) // As far as it goes: a packet may end in the middle of nothing.
		}
	}
	e.all.WriteByte('\n')
}

// TestANumberIsNowhereButWhereItsOwnerSeesIt drives a phone number through all that a resident does, and through what staff does
// for one, and looks for it in everything that is written, sent and kept.
func TestANumberIsNowhereButWhereItsOwnerSeesIt(t *testing.T) {
	play(t, settings{}, func(t *testing.T, p *scene) {
		var heard eavesdropper
		p.net.listen(heard.take)
		p.net.cutAll() // What is said on connecting is heard too.
		time.Sleep(5 * time.Second)
		p.ready()
		var addresses strings.Builder
		b := p.browser(&addresses)

		codes := b.signIn("/c/xs-01")
		visit := p.visitOf(t, b)
		p.bank.turn(mood{refuse: 1})
		p.does(pull(), take("S2", "1003", 1), shut())
		id, err := protocol.ParseUUID(visit)
		if err != nil {
			t.Fatal(err)
		}
		p.becomes(id, cloud.StateOwed)
		p.bank.turn(mood{})
		b.get(http.StatusOK, "/v/"+visit)
		b.post(http.StatusSeeOther, "/v/"+visit+"/dispute", "key", "k", "why-1003", "not_taken", "words", "I put it back")
		time.Sleep(3 * time.Minute) // Messages go out.

		p.looksAfter(t, &addresses, visit)
		before := p.backup(t, "before.db")
		b.post(http.StatusConflict, "/mydata/confirm", "act", "erase") // It is owed.
		b.post(http.StatusSeeOther, "/purse/pay", "key", "pay")
		p.becomes(id, cloud.StateCharged)
		time.Sleep(time.Minute)
		code := b.confirms("export")
		codes = append(codes, code)
		taken := b.send(http.MethodPost, "/mydata/export", url.Values{"code": {code}})
		if !inZip(t, taken.Body.Bytes(), canary) {
			t.Error("who takes their data along does not find their own number in it")
		}
		code = b.confirms("erase")
		codes = append(codes, code)
		b.post(http.StatusOK, "/mydata/erase", "code", code)
		b.get(http.StatusUnauthorized, "/mydata")
		codes = append(codes, p.browser(&addresses).signIn("/purse")...) // as somebody new
		after := p.backup(t, "after.db")
		metrics := b.get(http.StatusOK, "/metrics")

		p.service.log.Debug("control", "phone", "+86 139-5147-7268")
		diary, is := p.service.log.Handler().(diary)
		if !is {
			t.Fatalf("the log is a %T", p.service.log.Handler())
		}
		diary.mu.Lock()
		log := strings.Join(*diary.lines, "\n")
		diary.mu.Unlock()
		if found := leaks([]byte(log)); len(found) == 0 {
			t.Error("a number in the log is not found: nothing that this test says can be believed")
		}
		log = strings.ReplaceAll(log, "+86 139-5147-7268", "")
		places := p.files(t, before, after)
		places["log"], places["metrics"], places["MQTT"], places["addresses"] = []byte(log), []byte(metrics), heard.all.Bytes(), []byte(addresses.String())
		p.looksWhereItShould(t, places)
		for place, text := range places {
			for _, form := range leaks(text) {
				t.Errorf("%s: the number is there as %s", place, form)
			}
		}
		for _, code := range codes {
			if written := regexp.MustCompile(`(?m)[= "]` + code + `($|[ "])`); written.MatchString(log) || written.MatchString(metrics) || strings.Contains(addresses.String(), code) {
				t.Errorf("the code %s is in the log, in the metrics or in an address", code)
			}
		}
	})
}

// visitOf is the visit that the reader has just begun.
func (p *scene) visitOf(t *testing.T, b *browser) string {
	t.Helper()
	to := b.get(http.StatusSeeOther, "/c/xs-01")
	return strings.TrimPrefix(to, "/v/")
}

// looksAfter is what support does for a caller, who says their number.
func (p *scene) looksAfter(t *testing.T, addresses *strings.Builder, visit string) {
	t.Helper()
	const password = "the lamp is on"
	if err := p.service.up().server.Admin().AddStaff(t.Context(), "manager", protocol.RoleManager, password); err != nil {
		t.Fatal(err)
	}
	m := p.browser(addresses)
	m.post(http.StatusSeeOther, "/staff/signin", "name", "manager", "password", password)
	m.post(http.StatusBadRequest, "/support/find", "phone", canary+"99999")
	m.post(http.StatusNotFound, "/support/find", "phone", "139 5147 7269")
	found := m.get(http.StatusOK, m.post(http.StatusSeeOther, "/support/find", "phone", "139 5147 7268"))
	if !strings.Contains(found, "139****7268") || !strings.Contains(found, visit) {
		t.Error("support does not find the caller's visit")
	}
	m.post(http.StatusSeeOther, "/support/"+visit+"/note", "text", "called, and will call again")
	page := m.get(http.StatusOK, "/disputes")
	objection := m.finds(regexp.MustCompile(`href="(/disputes/[0-9a-f-]{36})"`), page)
	m.get(http.StatusOK, objection)
	m.post(http.StatusSeeOther, objection, "how", "refuse", "reason", "the scales are sure")
	for _, path := range []string{"/support/" + visit, "/v/" + visit, "/tonight", "/reviews", "/disputes"} {
		if text := m.get(http.StatusOK, path); len(leaks([]byte(text))) > 0 {
			t.Errorf("staff sees the number on %s", path)
		}
	}
}

func (p *scene) backup(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(p.dir, name)
	if err := p.service.up().server.Admin().Backup(t.Context(), path, func(string, int) {}); err != nil {
		t.Fatal(err)
	}
	return path
}

// files is all that both sides keep, by its path.
func (p *scene) files(t *testing.T, more ...string) map[string][]byte {
	t.Helper()
	places := map[string][]byte{}
	err := filepath.WalkDir(p.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		raw, err := os.ReadFile(path)
		rel, _ := filepath.Rel(p.dir, path)
		places[rel] = raw
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range more {
		if len(places[filepath.Base(path)]) == 0 {
			t.Errorf("%s is not among what was looked at", path)
		}
	}
	return places
}

// looksWhereItShould fails where a place has nothing of what must be in it: such a place proves nothing.
func (p *scene) looksWhereItShould(t *testing.T, places map[string][]byte) {
	t.Helper()
	folder, err := filepath.Rel(p.dir, p.service.folder())
	if err != nil {
		t.Fatal(err)
	}
	for place, must := range map[string]string{
		"log": "route=/support/find", "metrics": "allhours_residents_erased_total 1", "MQTT": "AH1.", "addresses": "/mydata/erase",
		"before.db": "139****7268", "after.db": "139****7268", filepath.Join(folder, "fleet.db"): "SQLite format 3",
	} {
		if !bytes.Contains(places[place], []byte(must)) {
			t.Errorf("%s: %q is not in it: %d bytes", place, must, len(places[place]))
		}
	}
	for _, log := range []string{"[cloud]", "[xs-01]"} {
		if !bytes.Contains(places["log"], []byte(log)) {
			t.Errorf("nothing of %s is in the log", log)
		}
	}
	names := slices.Collect(maps.Keys(places))
	for _, part := range []string{"fleet.db-wal", journalFile, "erased"} {
		if !slices.ContainsFunc(names, func(name string) bool { return strings.HasSuffix(name, part) }) {
			t.Errorf("no file %s among %v", part, names)
		}
	}
}

// leaks are the forms in which the number stands in a text.
func leaks(text []byte) (forms []string) {
	for name, form := range phone.Disguises(canary) {
		if bytes.Contains(text, []byte(form)) {
			forms = append(forms, name)
		}
	}
	return forms
}

func inZip(t *testing.T, packed []byte, text string) bool {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		t.Fatalf("%v: %.300s", err, packed)
	}
	found := 0
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(raw, []byte(text[1:])) {
			found++
		}
	}
	return found == 2 // to be read by a person, and by a program
}

func TestEachDisguiseOfANumberIsSeenThrough(t *testing.T) {
	for name, form := range phone.Disguises(canary) {
		if len(leaks([]byte("before "+form+" after"))) == 0 {
			t.Errorf("%s: %q is not found", name, form)
		}
	}
	for _, innocent := range []string{"139****7268", "", strings.Repeat("0123456789abcdef", 64)} {
		if found := leaks([]byte(innocent)); len(found) > 0 {
			t.Errorf("%q is taken for %v", innocent, found)
		}
	}
}
