package server

import (
	"context"
	"io"
	"log"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"allhours/cloud"
)

// scrapeTimeout is how long a scrape may wait for the fleet.
const scrapeTimeout = 5 * time.Second

func (s *Server) measure() {
	m := s.metrics
	m.Gauge("allhours_broker_connected", "1 while the service is connected to its broker.", func() float64 {
		if s.line.Connected() {
			return 1
		}
		return 0
	})
	m.Counter("allhours_broker_messages_unread_total", "Messages whose topic nobody knows.", func() float64 {
		_, unread := s.line.Counts()
		return float64(unread)
	})
	m.Registry.MustRegister(cabinetStates{s.core.Fleet}, openIncidents{s.db})
	s.measureReviews()
	s.measureMessages()
	s.measureIncidents()
	s.measurePrivacy()
	if s.broker == nil {
		return
	}
	m.Gauge("allhours_broker_clients", "Clients connected to the embedded broker.",
		func() float64 { return float64(s.broker.Stats().Clients) })
	m.Counter("allhours_broker_dropped_total", "Messages that the embedded broker dropped, for readers that were slow or because there was no room for long.",
		func() float64 { return float64(s.broker.Stats().Dropped) })
	m.Counter("allhours_broker_waited_total", "Messages of cabinets that had to wait until there was room.",
		func() float64 { return float64(s.broker.Stats().Waited) })
	m.Counter("allhours_broker_refused_total", "Connections that the embedded broker refused.",
		func() float64 { return float64(s.broker.Stats().Refused) })
	m.Counter("allhours_broker_forbidden_total", "Uses of a foreign topic that the embedded broker refused.",
		func() float64 { return float64(s.broker.Stats().Forbidden) })
}

// cabinetStates counts the cabinets by state whenever somebody asks.
type cabinetStates struct{ fleet cloud.Fleet }

func (c cabinetStates) description() *prometheus.Desc {
	return prometheus.NewDesc("allhours_cabinets", "Cabinets by state.", []string{"state"}, nil)
}

// Describe implements prometheus.Collector.
func (c cabinetStates) Describe(ch chan<- *prometheus.Desc) { ch <- c.description() }

// Collect implements prometheus.Collector.
func (c cabinetStates) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
	defer cancel()
	views, err := c.fleet.Cabinets(ctx)
	if err != nil {
		ch <- prometheus.NewInvalidMetric(c.description(), err)
		return
	}
	counts := map[cloud.CabinetState]int{
		cloud.CabinetReady: 0, cloud.CabinetBusy: 0, cloud.CabinetOpen: 0, cloud.CabinetStopped: 0, cloud.CabinetAway: 0,
	}
	for _, v := range views {
		counts[v.State]++
	}
	for state, n := range counts {
		ch <- prometheus.MustNewConstMetric(c.description(), prometheus.GaugeValue, float64(n), string(state))
	}
}

// openIncidents counts the open incidents by kind whenever somebody asks.
type openIncidents struct{ db cloud.DB }

func (o openIncidents) description() *prometheus.Desc {
	return prometheus.NewDesc("allhours_incidents_open", "Incidents that are not over, by kind.", []string{"kind"}, nil)
}

// Describe implements prometheus.Collector.
func (o openIncidents) Describe(ch chan<- *prometheus.Desc) { ch <- o.description() }

// Collect implements prometheus.Collector.
func (o openIncidents) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
	defer cancel()
	var counts map[cloud.IncidentKind]int
	err := o.db.View(ctx, func(tx cloud.Tx) (err error) {
		counts, err = tx.Incidents.OpenByKind()
		return err
	})
	if err != nil {
		ch <- prometheus.NewInvalidMetric(o.description(), err)
		return
	}
	for _, kind := range cloud.IncidentKinds() {
		ch <- prometheus.MustNewConstMetric(o.description(), prometheus.GaugeValue, float64(counts[kind]), string(kind))
	}
}

// discardLog silences what net/http would say of single connections: it names addresses of clients.
func discardLog() *log.Logger { return log.New(io.Discard, "", 0) }
