package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/cloud/internal/message"
	"allhours/cloud/internal/payment"
	"allhours/protocol"
)

// Options are what a server is made of; Data is needed, and Demo or both Provider and Sender.
type Options struct {
	Data string // folder of the database, the keys and the lock; made where it is missing
	// DatabaseURL names a PostgreSQL; without one the data folder holds SQLite.
	DatabaseURL string
	HTTP        net.Listener // nil: requests reach the server through Handler alone
	// MQTT is where cabinets connect to the embedded broker; nil: nobody but the server itself does.
	MQTT net.Listener
	// BrokerURL names another broker, to be used instead of the embedded one; see MQTT_URL of fleetd.
	BrokerURL string
	// BrokerCA is a PEM file of the authorities that the other broker's certificate is checked with; "" means the system's.
	BrokerCA string
	// CabinetsURL is how cabinets reach the broker, tcp:// or tls://host:port; empty: as MQTT or BrokerURL says.
	CabinetsURL string
	// BrokerDial makes the connection to that other broker, instead of the network.
	BrokerDial func(ctx context.Context) (net.Conn, error)
	// TLS is spoken on both listeners; without it they must be on loopback or in memory.
	TLS *tls.Config
	// Demo shows sign-in codes and simulates payment where no Provider is given; it binds loopback only.
	Demo     bool
	Provider payment.Provider
	// PaymentFaults tells the demo's simulated provider what to do wrong with which call; nil: nothing.
	PaymentFaults func(PaymentCall, protocol.UUID) PaymentFault
	// SecondStep demands a second step beside the password of owners, managers, support and auditors; it is offered to all.
	SecondStep bool
	Ages       cloud.AgeVerifier // nil: nobody knows how old people are, and nothing for people of an age is sold
	// Sender hands messages to residents to whoever brings them; the demo can do without, and logs that there were any.
	Sender message.Sender
	Alerts Alerts
	// BaseURL is how residents reach the pages, https://host, for the links in messages; empty: as HTTP says.
	BaseURL string
	// OneConnection is for tests under testing/synctest: the database is read and written over one connection.
	OneConnection bool
	Now           func() time.Time // nil: time.Now
	Logger        *slog.Logger     // nil: nothing is logged

	past *pastLine // what a past is played over; nil: it is lived
}

// PaymentCall is a kind of call to the provider, PaymentFault what goes wrong with one.
type (
	PaymentCall  = cloud.OpKind
	PaymentFault = payment.Fault
)

// What the simulated provider can do wrong; see payment.Fault.
const (
	PaymentWell        = payment.FaultNone
	PaymentRefused     = payment.FaultRefuse
	PaymentLost        = payment.FaultLost
	PaymentTimeout     = payment.FaultTimeout
	PaymentLate        = payment.FaultLate
	PaymentUnpaid      = payment.FaultUnpaid
	PaymentTwice       = payment.FaultTwice
	PaymentDisorder    = payment.FaultDisorder
	PaymentWrongAmount = payment.FaultWrongAmount
	PaymentForged      = payment.FaultForged
)

// PaymentFaultKinds lists what the simulated provider can do wrong, to draw from.
func PaymentFaultKinds() []PaymentFault { return payment.Faults() }

func (o *Options) check() error {
	if o.Data == "" {
		return errors.New("no data folder named")
	}
	if !o.Demo && (o.Provider == nil || o.Sender == nil) {
		return errors.New("no payment provider and nobody to send messages: only --demo can do without, which simulates both")
	}
	for name, l := range map[string]net.Listener{"http": o.HTTP, "mqtt": o.MQTT} {
		if l == nil {
			continue
		}
		if err := allowed(name, l.Addr().String(), l.Addr().Network() == "tcp", o.TLS != nil, o.Demo); err != nil {
			return err
		}
	}
	if err := o.checkCabinetsURL(); err != nil {
		return err
	}
	if err := o.checkBaseURL(); err != nil {
		return err
	}
	if err := o.Alerts.check(); err != nil {
		return err
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return nil
}

// cabinetsReach is the address of the broker in a cabinet's papers. A listener on all addresses has no host to name: the
// cabinet then uses that of its claim.
func (o *Options) cabinetsReach() string {
	switch {
	case o.CabinetsURL != "":
		return o.CabinetsURL
	case o.BrokerURL != "":
		u, err := url.Parse(o.BrokerURL)
		if err != nil {
			return ""
		}
		return (&url.URL{Scheme: u.Scheme, Host: u.Host}).String()
	}
	at, ok := addressOf(o.MQTT)
	if !ok {
		return ""
	}
	host, scheme := at.Addr().String(), "tcp"
	if at.Addr().IsUnspecified() {
		host = ""
	}
	if o.TLS != nil {
		scheme = "tls"
	}
	return scheme + "://" + net.JoinHostPort(host, strconv.Itoa(int(at.Port())))
}

// residentsReach is the beginning of links in messages.
func (o *Options) residentsReach() string {
	if o.BaseURL != "" {
		return strings.TrimSuffix(o.BaseURL, "/")
	}
	at, ok := addressOf(o.HTTP)
	if !ok {
		return "http://localhost"
	}
	scheme := "http"
	if o.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + at.String()
}

// checkBaseURL refuses what would be no address of pages.
func (o *Options) checkBaseURL() error {
	if o.BaseURL == "" {
		return nil
	}
	u, err := url.Parse(o.BaseURL)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Scheme != "https" && (u.Scheme != "http" || !httpx.IsLoopback(u.Host)) {
		return errors.New("--url: want https://host, or http:// on this machine")
	}
	return nil
}

func addressOf(l net.Listener) (netip.AddrPort, bool) {
	if l == nil {
		return netip.AddrPort{}, false
	}
	tcp, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		return netip.AddrPort{}, false
	}
	at := tcp.AddrPort()
	return netip.AddrPortFrom(at.Addr().Unmap(), at.Port()), true
}

// checkCabinetsURL refuses what no cabinet could use.
func (o *Options) checkCabinetsURL() error {
	if o.CabinetsURL == "" {
		return nil
	}
	u, err := url.Parse(o.CabinetsURL)
	if err != nil || u.Hostname() == "" || u.Port() == "" || u.User != nil {
		return errors.New("--cabinets-mqtt: want tls://host:port, or tcp:// on this machine")
	}
	if u.Scheme != "tls" && (u.Scheme != "tcp" || !httpx.IsLoopback(u.Host)) {
		return fmt.Errorf("--cabinets-mqtt: %s://%s: want tls://", u.Scheme, u.Host)
	}
	return nil
}

// Listen opens a TCP listener, where the rules for it allow that: what is not on loopback needs TLS, and the demo stays
// on loopback.
func Listen(name, address string, withTLS, demo bool) (net.Listener, error) {
	if err := allowed(name, address, true, withTLS, demo); err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("--%s %s: %w", name, address, err)
	}
	return l, nil
}

func allowed(name, address string, network, withTLS, demo bool) error {
	if !network || httpx.IsLoopback(address) {
		return nil
	}
	if !withTLS {
		return fmt.Errorf("--%s %s is not on loopback: want --tls-cert and --tls-key", name, address)
	}
	if demo {
		return fmt.Errorf("--%s %s is not on loopback: --demo shows sign-in codes and binds loopback only", name, address)
	}
	return nil
}
