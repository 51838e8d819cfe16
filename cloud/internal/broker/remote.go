package broker

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// unackedTimeout ends a TCP connection whose peer has vanished, long before the kernel would.
const unackedTimeout = 20 * time.Second

// ParseURL reads the address of a broker: tcp://host:port or tls://host:port, with user:password@ before the host where it
// has a login. Without TLS the host must be this machine. The PEM file ca holds the authorities to trust; "" means the
// system's.
func ParseURL(text, ca string) (Remote, error) {
	u, err := url.Parse(text)
	if err != nil { // The error of Parse quotes the text, and the text holds a password.
		return Remote{}, errors.New("broker url: want tcp://user:password@host:port, or tls:// in front of it")
	}
	secure, err := withTLS(u)
	if err != nil {
		return Remote{}, err
	}
	trusted, err := authorities(ca)
	if err != nil {
		return Remote{}, err
	}
	r := Remote{User: u.User.Username()}
	r.Password, _ = u.User.Password()
	r.Dial = func(ctx context.Context) (net.Conn, error) {
		d := &net.Dialer{Control: userTimeout}
		if secure {
			return (&tls.Dialer{NetDialer: d, Config: &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12}}).DialContext(ctx, "tcp", u.Host)
		}
		return d.DialContext(ctx, "tcp", u.Host)
	}
	return r, nil
}

// authorities are nil, the system's, where no file is named.
func authorities(ca string) (*x509.CertPool, error) {
	if ca == "" {
		return nil, nil
	}
	text, err := os.ReadFile(ca)
	if err != nil {
		return nil, fmt.Errorf("authorities of the broker: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("authorities of the broker: no certificate in %s", ca)
	}
	return pool, nil
}

func withTLS(u *url.URL) (bool, error) {
	if u.Port() == "" {
		return false, fmt.Errorf("broker url: host %q: want host:port", u.Host)
	}
	switch u.Scheme {
	case "tls", "ssl", "mqtts":
		return true, nil
	case "tcp", "mqtt":
		addr, err := netip.ParseAddr(u.Hostname())
		if u.Hostname() == "localhost" || err == nil && addr.IsLoopback() {
			return false, nil
		}
		return false, fmt.Errorf("broker url: %s is not this machine: want tls://", u.Host)
	}
	return false, fmt.Errorf("broker url: scheme %q: want tcp or tls", u.Scheme)
}

func userTimeout(_, _ string, c syscall.RawConn) error {
	var failed error
	err := c.Control(func(fd uintptr) {
		failed = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(unackedTimeout.Milliseconds()))
	})
	return errors.Join(err, failed)
}
