package claim

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"allhours/edge"
	"allhours/edge/internal/config"
	"allhours/edge/internal/journal"
	"allhours/protocol"
	"allhours/protocol/claim"
)

const (
	publicKey = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
	papers    = `{"v":1,"cabinet":"xs-01","shard":12,"mqtt":{"url":"tls://:8883","user":"xs-01"},"keys":[{"id":3,"public":"` + publicKey + `"}]}`
	problem   = "application/problem+json"
)

// fleet answers claims as it is told, and keeps them.
type fleet struct {
	*httptest.Server
	mu     sync.Mutex // of all below
	asked  []claim.Request
	answer answer
}

type answer func(w http.ResponseWriter, r claim.Request)

// will tells how claims are answered from now on.
func (f *fleet) will(a answer) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answer = a
}

func well(w http.ResponseWriter, _ claim.Request) { _, _ = io.WriteString(w, papers) }

func newFleet(t *testing.T, withTLS bool) *fleet {
	t.Helper()
	f := &fleet{answer: well}
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var asked claim.Request
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil || r.URL.Path != "/api/v1/claim" || r.Method != http.MethodPost {
			t.Errorf("asked %s %s: %v", r.Method, r.URL.Path, err)
		}
		if err := asked.Check(); err != nil {
			t.Errorf("asked: %v", err)
		}
		f.mu.Lock()
		f.asked = append(f.asked, asked)
		answer := f.answer
		f.mu.Unlock()
		answer(w, asked)
	})
	if withTLS {
		f.Server = httptest.NewTLSServer(handler)
	} else {
		f.Server = httptest.NewServer(handler)
	}
	t.Cleanup(f.Close)
	return f
}

// refuses answers with a problem as the cloud does.
func refuses(w http.ResponseWriter, status int, code protocol.Code, title string) {
	w.Header().Set("Content-Type", problem)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"code": code, "title": title, "status": status})
}

func options(t *testing.T, cloud string) Options {
	t.Helper()
	code, err := claim.NewCode(bytes.NewReader(bytes.Repeat([]byte{17}, 15)))
	if err != nil {
		t.Fatal(err)
	}
	return Options{
		Code: code.String(), Cloud: cloud, Data: filepath.Join(t.TempDir(), "agent"), Entropy: rand.Reader, Told: func(what string) { t.Log(what) },
	}
}

func TestAClaimedDeviceHasAKeyAndCredentialsOfItsOwn(t *testing.T) {
	f := newFleet(t, true)
	o := options(t, f.URL)
	o.CA = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(o.CA, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: f.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	id, err := Claim(t.Context(), o)
	if err != nil || id != "xs-01" {
		t.Fatalf("got %q, %v", id, err)
	}
	c, err := config.ReadCredentials(o.Data)
	if err != nil {
		t.Fatal(err)
	}
	want := config.MQTT{URL: "tls://127.0.0.1:8883", User: "xs-01", Password: f.asked[0].Password, CA: filepath.Join(o.Data, authorityFile)}
	if c.MQTT != want || c.Shard != 12 || len(c.Keys) != 1 || c.Keys[0] != (config.Key{ID: 3, Public: publicKey}) {
		t.Errorf("credentials %+v", c)
	}
	j, err := journal.Open(journal.Options{Dir: o.Data, Cabinet: id, Clock: edge.NewClock(), Entropy: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	if j.ID() != f.asked[0].Journal || j.Boot() != 1 {
		t.Errorf("the agent writes journal %s in boot %d, claimed is %s", j.ID(), j.Boot(), f.asked[0].Journal)
	}
	if err := j.Close(); err != nil {
		t.Error(err)
	}
	for _, secret := range []string{keyFile, "credentials.yaml"} {
		info, err := os.Stat(filepath.Join(o.Data, secret))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", secret, info.Mode(), err)
		}
	}
	left, err := filepath.Glob(filepath.Join(o.Data, ".new-*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestWhereverAClaimStopsTheSameIsAskedAgain: the cloud took the claim, and the device did not get or keep the answer.
func TestWhereverAClaimStopsTheSameIsAskedAgain(t *testing.T) {
	for name, broken := range map[string]func(t *testing.T, f *fleet, o Options) (mend func()){
		"the answer is lost on the line": func(_ *testing.T, f *fleet, _ Options) func() {
			f.will(func(http.ResponseWriter, claim.Request) { panic(http.ErrAbortHandler) })
			return func() { f.will(well) }
		},
		"the answer is cut short": func(_ *testing.T, f *fleet, _ Options) func() {
			f.will(func(w http.ResponseWriter, _ claim.Request) { _, _ = io.WriteString(w, papers[:80]) })
			return func() { f.will(well) }
		},
		"the credentials cannot be written": func(t *testing.T, _ *fleet, o Options) func() {
			if err := os.MkdirAll(filepath.Join(o.Data, "credentials.yaml", "x"), 0o700); err != nil {
				t.Fatal(err)
			}
			return func() { _ = os.RemoveAll(filepath.Join(o.Data, "credentials.yaml")) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFleet(t, false)
			o := options(t, f.URL)
			o.Replace = true // A folder in the place of the credentials is no credentials.
			mend := broken(t, f, o)
			if _, err := Claim(t.Context(), o); err == nil {
				t.Fatal("nothing went wrong")
			}
			mend()
			if _, err := config.ReadCredentials(o.Data); err == nil {
				t.Fatal("half a claim left credentials")
			}
			if _, err := Claim(t.Context(), o); err != nil {
				t.Fatal(err)
			}
			first, _ := json.Marshal(f.asked[0])
			second, _ := json.Marshal(f.asked[1])
			if !bytes.Equal(first, second) {
				t.Errorf("asked\n%s, then\n%s", first, second)
			}
		})
	}
}

func TestAClaimThatIsRefusedSaysWhy(t *testing.T) {
	f := newFleet(t, false)
	refused := func(status int, code protocol.Code, title string) answer {
		return func(w http.ResponseWriter, _ claim.Request) { refuses(w, status, code, title) }
	}
	says := func(text string) answer {
		return func(w http.ResponseWriter, _ claim.Request) { _, _ = io.WriteString(w, text) }
	}
	for name, c := range map[string]struct {
		change func(o *Options)
		answer answer
		want   string
	}{
		"a slip of the finger":           {func(o *Options) { o.Code = o.Code[:18] + "7" }, nil, "a character is wrong, or two are swapped"},
		"half a code":                    {func(o *Options) { o.Code = "7K3M" }, nil, "4 characters: want 16"},
		"no address":                     {func(o *Options) { o.Cloud = "fleet.example" }, nil, "want https://host"},
		"a cloud elsewhere without TLS":  {func(o *Options) { o.Cloud = "http://fleet.example" }, nil, "could be anybody there: want https://"},
		"authorities that are none":      {func(o *Options) { o.CA = os.Args[0] }, nil, "no certificate in"},
		"authorities that are not there": {func(o *Options) { o.CA = "none.pem" }, nil, "no such file"},
		"a code that ended":              {nil, refused(403, "bad_claim", "The claim code is wrong or too old"), "bad_claim: The claim code is wrong or too old"},
		"a journal out of use":           {nil, refused(409, codeCardRetired, "This card was taken out of use"), "--replace sets the journal of this device aside"},
		"another service altogether":     {nil, func(w http.ResponseWriter, _ claim.Request) { http.NotFound(w, nil) }, "answered 404 Not Found: is --cloud the address"},
		"papers of a newer cloud":        {nil, says(`{"v":2}`), "papers of version 2: want 1"},
		"papers of nobody":               {nil, says(`{"v":1}`), "papers: cabinet id"},
		"papers without keys":            {nil, says(`{"v":1,"cabinet":"xs-01"}`), "0 keys"},
		"papers that name no broker":     {nil, says(strings.Replace(papers, "tls://:8883", "", 1)), "fleetd --cabinets-mqtt tells it"},
		"a broker elsewhere without TLS": {nil, says(strings.Replace(papers, "tls://:8883", "tcp://fleet.example:1883", 1)), "mqtt.url: fleet.example:1883 is not on this machine"},
	} {
		t.Run(name, func(t *testing.T) {
			o := options(t, f.URL)
			if c.change != nil {
				c.change(&o)
			}
			f.will(c.answer)
			_, err := Claim(t.Context(), o)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if _, err := config.ReadCredentials(o.Data); err == nil {
				t.Error("it left credentials")
			}
		})
	}
}

func TestADeviceThatIsClaimedIsClaimedAgainOnlyByIntent(t *testing.T) {
	f := newFleet(t, false)
	o := options(t, f.URL)
	if _, err := Claim(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if _, err := Claim(t.Context(), o); err == nil || !strings.Contains(err.Error(), "this device is xs-01 already") || len(f.asked) != 1 {
		t.Errorf("asked %d times, got %v", len(f.asked), err)
	}
	first := f.asked[0].Journal
	f.will(func(w http.ResponseWriter, r claim.Request) {
		if r.Journal == first {
			refuses(w, http.StatusConflict, codeCardRetired, "This card was taken out of use")
			return
		}
		_, _ = io.WriteString(w, strings.ReplaceAll(papers, "xs-01", "xs-02"))
	})
	o.Replace = true
	if id, err := Claim(t.Context(), o); err != nil || id != "xs-02" {
		t.Fatalf("got %q, %v", id, err)
	}
	if len(f.asked) != 3 || !bytes.Equal(f.asked[2].Key, f.asked[0].Key) {
		t.Errorf("asked %d times: want three, with one key", len(f.asked))
	}
	if _, err := os.Stat(filepath.Join(o.Data, "journal.db.1")); err != nil {
		t.Errorf("the journal before: %v", err)
	}
}
