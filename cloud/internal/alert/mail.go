package alert

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"mime"
	"net"
	"net/netip"
	"net/smtp"
	"net/textproto"
	"strings"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/incident"
	"allhours/protocol"
)

// Mail sends notices by SMTP to one address: what becomes of it is nothing to the others. It implements incident.Receiver.
type Mail struct {
	Server   string // host:port
	From     string
	To       string
	User     string // empty: without signing in
	Password string
	// TLS is what the server's certificate is checked with; nil: the system's authorities.
	TLS   *tls.Config
	Words Words
	Now   func() time.Time
}

// Words say in both languages what a letter tells.
type Words interface {
	// What names what is wrong.
	What(i cloud.Incident, article cloud.Text) cloud.Text
	// Where names a store and the cabinets of it; those that nobody planned have no number.
	Where(store cloud.Text, cabinets []cloud.Cabinet) cloud.Text
	// When tells a moment by its own clocks.
	When(at time.Time) cloud.Text
}

// errPlain is a server elsewhere that does not offer STARTTLS.
var errPlain = errors.New("mail: the server offers no STARTTLS and is not on this machine")

// Receive implements incident.Receiver. An address or a letter that the server refuses for good, with 5xx, is not tried again. What
// it says before is about itself, or the account that the fleet has there: somebody will see to that.
func (m Mail) Receive(ctx context.Context, told []incident.Told) error {
	client, done, err := m.dial(ctx)
	if err != nil {
		return spoken(err)
	}
	defer done()
	if err := client.Rcpt(m.To); err != nil {
		return refused(err)
	}
	return refused(finish(client, m.compose(told)))
}

// spoken is an error without the server's own words, which may quote an address.
func spoken(err error) error {
	if answer, is := errors.AsType[*textproto.Error](err); is {
		return fmt.Errorf("mail: the server answered %d", answer.Code)
	}
	return fmt.Errorf("mail: %w", err)
}

func refused(err error) error {
	if answer, is := errors.AsType[*textproto.Error](err); is && answer.Code >= 500 {
		return fmt.Errorf("%w: mail: %d", incident.ErrRefused, answer.Code)
	}
	if err == nil {
		return nil
	}
	return spoken(err)
}

// dial reaches the server, and is as far as the sender's address there; done ends the connection.
func (m Mail) dial(ctx context.Context) (client *smtp.Client, done func(), err error) {
	host, _, err := net.SplitHostPort(m.Server)
	if err != nil {
		return nil, nil, err
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", m.Server)
	if err != nil {
		return nil, nil, err
	}
	// A server that stalls must not hold the worker: the end of ctx ends what is read and written.
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	done = func() {
		stop()
		_ = conn.Close()
	}
	if client, err = smtp.NewClient(conn, host); err == nil {
		err = m.introduce(client, host, conn.RemoteAddr())
	}
	if err != nil {
		done()
		return nil, nil, err
	}
	return client, done, nil
}

// introduce makes the connection safe, signs in and says who writes.
func (m Mail) introduce(client *smtp.Client, host string, at net.Addr) error {
	if err := m.secure(client, host, at); err != nil {
		return err
	}
	if m.User != "" {
		if err := client.Auth(smtp.PlainAuth("", m.User, m.Password, host)); err != nil {
			return err
		}
	}
	return client.Mail(m.From)
}

// secure uses STARTTLS where it is offered, and does without on this machine only.
func (m Mail) secure(client *smtp.Client, host string, at net.Addr) error {
	if offered, _ := client.Extension("STARTTLS"); offered {
		config := &tls.Config{MinVersion: tls.VersionTLS12}
		if m.TLS != nil {
			config = m.TLS.Clone()
		}
		config.ServerName = host
		return client.StartTLS(config)
	}
	if here, err := netip.ParseAddrPort(at.String()); err != nil || !here.Addr().Unmap().IsLoopback() {
		return errPlain
	}
	return nil
}

// finish hands the letter over. After its end was acknowledged it is sent, whatever becomes of the good-bye.
func finish(client *smtp.Client, letter []byte) error {
	w, err := client.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(letter); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	_ = client.Quit()
	return nil
}

// compose writes the letter, Chinese first.
func (m Mail) compose(told []incident.Told) []byte {
	var zh, en []string
	for _, t := range told {
		what, when := m.Words.What(cloud.Incident{Kind: t.Kind, Subject: t.Subject}, t.Article), m.Words.When(t.At)
		where := m.Words.Where(t.Name, cabinetsOf(t))
		head := map[cloud.IncidentDid]cloud.Text{
			cloud.IncidentOpened:    {Zh: "新事件", En: "New"},
			cloud.IncidentReturned:  {Zh: "又出现", En: "Back again"},
			cloud.IncidentEscalated: {Zh: "还没有人接手", En: "Nobody has taken it"},
		}[t.What]
		zh = append(zh, fmt.Sprintf("【%s】%s：%s（%s）\r\n%s", head.Zh, where.Zh, what.Zh, when.Zh, t.Link))
		en = append(en, fmt.Sprintf("[%s] %s: %s (%s)\r\n%s", head.En, where.En, what.En, when.En, t.Link))
	}
	subject := strings.SplitN(zh[0], "\r\n", 2)[0]
	if len(told) > 1 {
		subject = fmt.Sprintf("%d 件事等人看 / %d incidents", len(told), len(told))
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "From: <%s>\r\nTo: <%s>\r\nDate: %s\r\nMessage-ID: <%s@allhours>\r\n", m.From, m.To, m.Now().Format(time.RFC1123Z), told[0].ID)
	fmt.Fprintf(&b, "Subject: %s\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n", mime.BEncoding.Encode("utf-8", subject))
	text := base64.StdEncoding.EncodeToString([]byte(strings.Join(append(zh, en...), "\r\n\r\n") + "\r\n"))
	for len(text) > 76 {
		b.WriteString(text[:76] + "\r\n")
		text = text[76:]
	}
	b.WriteString(text + "\r\n")
	return b.Bytes()
}

func cabinetsOf(t incident.Told) []cloud.Cabinet {
	all := make([]cloud.Cabinet, len(t.Cabinets))
	for n, id := range t.Cabinets {
		all[n].ID = protocol.CabinetID(id)
		if n < len(t.Places) { // A notice that was written before it had names is told by ids.
			all[n].Number, all[n].Place = t.Places[n].Number, t.Places[n].Place
		}
	}
	return all
}
