package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"strconv"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/alert"
	"allhours/cloud/internal/httpx"
	"allhours/cloud/internal/incident"
	"allhours/cloud/internal/web"
)

// Alerts say who is told of incidents, and when the rules that watch the fleet speak. Nobody is told where nothing is named.
type Alerts struct {
	Webhook string // https://..., or http:// on this machine; is told everything
	Secret  string // that the webhook checks signatures with
	SMTP    string // host:port of a mail server
	From    string // the sender's address
	User    string // of the mail server; empty: without signing in
	Pass    string
	Pages   []string // addresses that are told at once, at any hour
	Tickets []string // addresses that are told in the morning
	// AwayAfter is how long a cabinet may be away; 0: ten minutes. NoSaleHours is how long nothing may be sold where sales are
	// expected; 0: six.
	AwayAfter   time.Duration
	NoSaleHours int
}

// secretLeast is how many characters the webhook's secret has at least.
const secretLeast = 16

func (a Alerts) check() error {
	switch {
	case a.AwayAfter < 0 || a.AwayAfter > 0 && a.AwayAfter < time.Minute:
		return errors.New("alerts: a cabinet is away after a minute at least")
	case a.NoSaleHours < 0 || a.NoSaleHours > 48:
		return errors.New("alerts: want 1 to 48 hours without a sale")
	}
	if a.Webhook != "" {
		u, err := url.Parse(a.Webhook)
		if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && (u.Scheme != "http" || !httpx.IsLoopback(u.Host)) {
			return errors.New("alerts: the webhook: want https://host/path, or http:// on this machine")
		}
		if len(a.Secret) < secretLeast {
			return fmt.Errorf("alerts: the webhook's secret: want %d characters at least", secretLeast)
		}
	}
	return a.checkMail()
}

func (a Alerts) checkMail() error {
	if a.SMTP == "" {
		if len(a.Pages)+len(a.Tickets) > 0 {
			return errors.New("alerts: there are addresses, and no mail server")
		}
		return nil
	}
	if host, port, err := net.SplitHostPort(a.SMTP); err != nil || host == "" || port == "" {
		return errors.New("alerts: the mail server: want host:port")
	}
	if len(a.Pages)+len(a.Tickets) == 0 {
		return errors.New("alerts: there is a mail server, and no address")
	}
	for _, address := range append(append([]string{a.From}, a.Pages...), a.Tickets...) {
		if parsed, err := mail.ParseAddress(address); err != nil || parsed.Address != address {
			return errors.New("alerts: want plain addresses of mail: name@host")
		}
	}
	return nil
}

// channels are those that are named.
func (a Alerts) channels(now func() time.Time) (all []incident.Channel) {
	if a.Webhook != "" {
		all = append(all, incident.Channel{Name: "webhook", To: alert.Webhook{URL: a.Webhook, Secret: []byte(a.Secret), Client: alert.NewClient(), Now: now}})
	}
	if a.SMTP == "" {
		return all
	}
	words := web.NewIncidentWords()
	for _, urgency := range []struct {
		of cloud.Urgency
		to []string
	}{{cloud.UrgencyPage, a.Pages}, {cloud.UrgencyTicket, a.Tickets}} {
		for i, to := range urgency.to { // Each by itself: an address that takes no mail must not keep it from the others.
			name := "mail-" + string(urgency.of)
			if i > 0 {
				name += "-" + strconv.Itoa(i+1)
			}
			all = append(all, incident.Channel{Name: name, Urgency: urgency.of, To: alert.Mail{
				Server: a.SMTP, From: a.From, To: to, User: a.User, Password: a.Pass, Words: words, Now: now,
			}})
		}
	}
	return all
}

// measureIncidents shows how fast incidents are noticed and ended, and what becomes of notices.
func (s *Server) measureIncidents() {
	times := func(read func(detect, repair time.Duration) time.Duration) func() float64 {
		return func() float64 {
			ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
			defer cancel()
			kinds, err := s.core.Incidents.Times(ctx, s.o.Now().Add(-cloud.IncidentsTimed))
			if err != nil {
				s.o.Logger.Warn("times of incidents", "error", err)
			}
			return read(cloud.TimesOf(kinds).Means()).Seconds()
		}
	}
	m := s.metrics
	m.Gauge("allhours_incidents_detect_mean_seconds", "From what happened until its incident was opened, the mean of those that ended in thirty days.",
		times(func(detect, _ time.Duration) time.Duration { return detect }))
	m.Gauge("allhours_incidents_repair_mean_seconds", "From an incident's opening until its end, the mean of those that ended in thirty days.",
		times(func(_, repair time.Duration) time.Duration { return repair }))
	m.Gauge("allhours_notices_waiting", "Notices of incidents that wait to be told.", func() float64 {
		waiting, _ := s.noticesBacklog()
		return float64(waiting)
	})
	m.Gauge("allhours_notices_overdue_seconds", "How long the oldest notice that is due has been there.", func() float64 {
		_, oldest := s.noticesBacklog()
		if oldest.IsZero() {
			return 0
		}
		return s.o.Now().Sub(oldest).Seconds()
	})
	m.Counter("allhours_notices_sent_total", "Notices that a receiver took.", func() float64 { return float64(s.core.Incidents.Stats().Sent) })
	m.Counter("allhours_notices_refused_total", "Notices that a receiver will not take, or that were given up.",
		func() float64 { return float64(s.core.Incidents.Stats().Refused) })
}

func (s *Server) noticesBacklog() (waiting int, oldest time.Time) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
	defer cancel()
	err := s.db.View(ctx, func(tx cloud.Tx) (err error) {
		waiting, oldest, err = tx.Notices.Backlog(s.o.Now())
		return err
	})
	if err != nil {
		s.o.Logger.Warn("notices that wait", "error", err)
	}
	return waiting, oldest
}
