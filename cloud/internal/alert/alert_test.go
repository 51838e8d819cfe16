package alert

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/smtp"
	"strings"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/incident"
	"allhours/protocol"
)

var night = time.Date(2026, 11, 20, 18, 0, 0, 0, time.UTC)

func told() []incident.Told {
	return []incident.Told{{
		ID: protocol.UUID{15: 1}, What: cloud.IncidentOpened, Urgency: cloud.UrgencyPage, Kind: cloud.IncidentLock, Subject: "1", At: night.In(time.FixedZone("", 8*3600)),
		Name: cloud.Text{Zh: "湘湖店", En: "Xianghu store"}, Cabinets: []string{"xs-01"}, Places: []incident.Place{{Number: 3}}, Numbers: []int{7}, Link: "https://near.example/incidents/7",
	}}
}

func TestAWebhookIsSignedAndItsAnswerIsUnderstood(t *testing.T) {
	for _, c := range []struct {
		name         string
		code         int
		well, refuse bool
	}{
		{"taken", 204, true, false},
		{"refused for ever", 422, false, true},
		{"out of order", 503, false, false},
		{"a redirection is not followed", 302, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			calls := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				calls++
				body, _ := io.ReadAll(r.Body)
				if got, want := r.Header.Get(SignatureHeader), Signature([]byte("a secret of some length"), r.Header.Get(TimeHeader), body); got != want {
					t.Errorf("signature %s, want %s", got, want)
				}
				var said struct{ Notices []incident.Told }
				if err := json.Unmarshal(body, &said); err != nil || len(said.Notices) != 1 || said.Notices[0].Numbers[0] != 7 {
					t.Errorf("%s: %v", body, err)
				}
				w.Header().Set("Location", "/")
				w.WriteHeader(c.code)
			}))
			defer server.Close()
			hook := Webhook{URL: server.URL, Secret: []byte("a secret of some length"), Client: NewClient(), Now: func() time.Time { return night }}
			err := hook.Receive(t.Context(), told())
			if (err == nil) != c.well || errors.Is(err, incident.ErrRefused) != c.refuse || calls != 1 {
				t.Errorf("%d calls, then %v", calls, err)
			}
		})
	}
}

func TestAWebhookThatNeverAnswersIsLeft(t *testing.T) {
	never := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-never }))
	defer server.Close()
	defer close(never)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	err := Webhook{URL: server.URL, Client: NewClient(), Now: time.Now}.Receive(ctx, told())
	if err == nil || errors.Is(err, incident.ErrRefused) {
		t.Errorf("got %v, want an error after which it is tried again", err)
	}
}

// post is a mail server that speaks as its lines say: for each command, by its first word, what it answers.
type post struct {
	address string
	letter  chan string
	tls     *tls.Config // that it offers; nil: none
	words   chan string // the commands that it was given in the open, and after a dash those that nobody else could read
}

func newPost(t *testing.T, answers map[string]string) post { return newSafePost(t, answers, nil) }

func newSafePost(t *testing.T, answers map[string]string, safe *tls.Config) post {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	p := post{address: l.Addr().String(), letter: make(chan string, 1), tls: safe, words: make(chan string, 100)}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go p.speak(conn, answers)
		}
	}()
	return p
}

func (p post) speak(conn net.Conn, answers map[string]string) {
	defer conn.Close()
	say := func(word, usual string) bool {
		if answer, given := answers[word]; given {
			usual = answer
		}
		if usual == "" { // It dies, or never answers.
			return false
		}
		fmt.Fprint(conn, usual+"\r\n")
		return true
	}
	if !say("hello", "220 post") {
		_, _ = io.Copy(io.Discard, conn)
		return
	}
	in := bufio.NewReader(conn)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		word := strings.ToUpper(strings.TrimSpace(strings.SplitN(line, " ", 2)[0]))
		_, hidden := conn.(*tls.Conn)
		p.words <- map[bool]string{true: "-"}[hidden] + word
		if word == "STARTTLS" {
			fmt.Fprint(conn, "220 go on\r\n")
			conn = tls.Server(conn, p.tls)
			in = bufio.NewReader(conn)
			continue
		}
		usual := map[string]string{"EHLO": "250-post\r\n250 AUTH PLAIN", "DATA": "354 go on", "QUIT": "221 bye"}[word]
		switch {
		case word == "EHLO" && p.tls != nil && !hidden:
			usual = "250-post\r\n250 STARTTLS"
		case word == "AUTH":
			usual = "235 come in"
		case usual == "":
			usual = "250 ok"
		}
		if !say(word, usual) {
			return
		}
		if word != "DATA" || answers["DATA"] != "" {
			continue
		}
		var letter strings.Builder
		for line, err = in.ReadString('\n'); err == nil && line != ".\r\n"; line, err = in.ReadString('\n') {
			letter.WriteString(line)
		}
		if !say("end", "250 taken") {
			return
		}
		p.letter <- letter.String()
	}
}

func mailTo(p post) Mail {
	return Mail{
		Server: p.address, From: "fleet@near.example", To: "night@near.example", Now: func() time.Time { return night },
		Words: plainly{},
	}
}

// plainly are words that are easily told from each other.
type plainly struct{}

func (plainly) What(i cloud.Incident, _ cloud.Text) cloud.Text {
	return cloud.Text{Zh: "门 " + i.Subject + " 的锁", En: string(i.Kind) + " of door " + i.Subject}
}

func (plainly) Where(store cloud.Text, of []cloud.Cabinet) cloud.Text {
	return cloud.Text{Zh: fmt.Sprint(store.Zh, of[0].Number, "号"), En: fmt.Sprint(store.En, " no. ", of[0].Number)}
}

func (plainly) When(at time.Time) cloud.Text {
	return cloud.Text{Zh: at.Format("2 日 15:04"), En: at.Format("2 January, 15:04")}
}

func TestAMailSaysItInBothLanguages(t *testing.T) {
	p := newPost(t, nil)
	if err := mailTo(p).Receive(t.Context(), told()); err != nil {
		t.Fatal(err)
	}
	head, text, _ := strings.Cut(<-p.letter, "\r\n\r\n")
	for _, want := range []string{"From: <fleet@near.example>", "To: <night@near.example>", "Subject: =?utf-8?b?", "charset=utf-8", "Message-ID: <00000000-"} {
		if !strings.Contains(head, want) {
			t.Errorf("no %q in\n%s", want, head)
		}
	}
	body, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(text, "\r\n", ""))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"【新事件】湘湖店3号：门 1 的锁（21 日 02:00）", "[New] Xianghu store no. 3: lock_failed of door 1 (21 November, 02:00)", "https://near.example/incidents/7"} {
		if !strings.Contains(string(body), want) {
			t.Errorf("no %q in\n%s", want, body)
		}
	}
}

func TestAMailServerMayRefuseOrDie(t *testing.T) {
	for _, c := range []struct {
		name    string
		answers map[string]string
		refused bool
	}{
		{"it refuses the receiver for good", map[string]string{"RCPT": "550 night@near.example unknown"}, true},
		{"it refuses the letter for good", map[string]string{"end": "554 not this"}, true},
		{"it does not know the password of today", map[string]string{"AUTH": "535 no"}, false},
		{"it knows no such sender", map[string]string{"MAIL": "550 fleet@near.example unknown"}, false},
		{"it has no time now", map[string]string{"MAIL": "451 later"}, false},
		{"it dies in the middle", map[string]string{"RCPT": ""}, false},
		{"it dies before it has taken the letter", map[string]string{"end": ""}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			mail := mailTo(newPost(t, c.answers))
			if c.answers["AUTH"] != "" {
				mail.User = "fleet"
			}
			err := mail.Receive(t.Context(), told())
			if err == nil || errors.Is(err, incident.ErrRefused) != c.refused {
				t.Errorf("got %v", err)
			}
			if err != nil && strings.Contains(err.Error(), "near.example") {
				t.Errorf("the error names an address: %v", err)
			}
		})
	}
}

// certified is what a server shows at 127.0.0.1, and what those who trust it check it with.
func certified(t *testing.T) (server, client *tls.Config) {
	t.Helper()
	shown := httptest.NewTLSServer(nil)
	defer shown.Close()
	known := x509.NewCertPool()
	known.AddCert(shown.Certificate())
	return &tls.Config{Certificates: shown.TLS.Certificates}, &tls.Config{RootCAs: known}
}

func TestALetterAndThePasswordTravelUnreadWhereTheServerCan(t *testing.T) {
	server, trusting := certified(t)
	for _, c := range []struct {
		name    string
		trusted *tls.Config
		taken   bool
		words   string
	}{
		{"its certificate is known", trusting, true, "EHLO STARTTLS -EHLO -AUTH -MAIL -RCPT -DATA"},
		{"its certificate is somebody's", nil, false, "EHLO STARTTLS"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newSafePost(t, nil, server)
			mail := mailTo(p)
			mail.TLS, mail.User, mail.Password = c.trusted, "fleet", "a password"
			err := mail.Receive(t.Context(), told())
			if (err == nil) != c.taken || errors.Is(err, incident.ErrRefused) {
				t.Errorf("got %v", err)
			}
			var words []string
			for range strings.Fields(c.words) {
				words = append(words, <-p.words)
			}
			if got := strings.Join(words, " "); got != c.words {
				t.Errorf("it was told %q, want %q", got, c.words)
			}
		})
	}
}

func TestNoLetterGoesInTheOpenToAnotherMachine(t *testing.T) {
	p := newPost(t, nil)
	conn, err := net.Dial("tcp", p.address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	client, err := smtp.NewClient(conn, "mail.example")
	if err != nil {
		t.Fatal(err)
	}
	if err := mailTo(p).secure(client, "mail.example", &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 25}); !errors.Is(err, errPlain) {
		t.Errorf("got %v", err)
	}
}

func TestAMailServerThatNeverSpeaksIsLeft(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := mailTo(newPost(t, map[string]string{"hello": ""})).Receive(ctx, told()); err == nil || errors.Is(err, incident.ErrRefused) {
		t.Errorf("got %v, want an error after which it is tried again", err)
	}
}
