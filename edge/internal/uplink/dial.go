package uplink

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/url"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"allhours/edge"
)

// userTimeout is how long sent bytes may stay unacknowledged before the kernel gives a dead connection up: far sooner
// than its own 15 minutes.
const userTimeout = 20 * time.Second

// Dialer connects to tcp://host:port or tls://host:port; ca is a PEM file of the authorities to trust, "" means the
// system's. The clock tells what is known of the time by which certificates are judged.
func Dialer(address, ca string, clock *edge.Clock) (func(context.Context) (net.Conn, error), error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("broker address: %w", err)
	}
	plain := &net.Dialer{Timeout: connectWithin, Control: limitSilence}
	if u.Scheme != "tls" {
		return func(ctx context.Context) (net.Conn, error) { return plain.DialContext(ctx, "tcp", u.Host) }, nil
	}
	j := judge{host: u.Hostname(), clock: clock}
	if ca != "" {
		pem, err := os.ReadFile(ca)
		if err != nil {
			return nil, fmt.Errorf("read authorities: %w", err)
		}
		j.roots = x509.NewCertPool()
		if !j.roots.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("read authorities: no certificate in %s", ca)
		}
	}
	secure := &tls.Dialer{NetDialer: plain, Config: &tls.Config{
		ServerName: j.host, MinVersion: tls.VersionTLS12,
		InsecureSkipVerify: true, // The judge verifies, by another clock than the wall's.
		VerifyConnection:   j.verify,
	}}
	return func(ctx context.Context) (net.Conn, error) { return secure.DialContext(ctx, "tcp", u.Host) }, nil
}

// judge verifies the broker's certificate. A cabinet whose wall clock is wrong must reach the broker to learn the time, so
// that clock has no say: until the cloud has told the time, a certificate counts that was not over at a moment which surely
// is. What the broker could do with an old one is little, because the cloud signs what matters.
type judge struct {
	host  string
	roots *x509.CertPool // nil: the system's
	clock *edge.Clock
}

func (j judge) verify(s tls.ConnectionState) error {
	leaf, between := s.PeerCertificates[0], x509.NewCertPool() // a server without any was refused before
	at, isNow := j.clock.Least()
	for i, c := range s.PeerCertificates {
		if i > 0 {
			between.AddCert(c)
		}
		if !isNow && at.Before(c.NotBefore) { // One that vouches for another may be the younger: many are dated back.
			at = c.NotBefore
		}
	}
	by := x509.VerifyOptions{DNSName: j.host, Roots: j.roots, Intermediates: between, CurrentTime: at}
	_, err := leaf.Verify(by)
	if err != nil {
		// A cloud whose clock once went ahead must not lock its cabinets out for ever: the wall clock may let a broker in, as
		// it does everywhere else. It keeps none out.
		by.CurrentTime = time.Now()
		if _, wall := leaf.Verify(by); wall == nil {
			return nil
		}
		return fmt.Errorf("the broker's certificate, judged at %s: %w", at.Format(time.RFC3339), err)
	}
	return nil
}

func limitSilence(_, _ string, raw syscall.RawConn) error {
	var set error
	err := raw.Control(func(fd uintptr) {
		set = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(userTimeout.Milliseconds()))
	})
	if err != nil {
		return err
	}
	return set
}
