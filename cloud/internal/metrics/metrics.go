// Package metrics counts what the cloud's outside does, in a registry of its own. Its labels are bounded: routes by their
// pattern, never a path; no cabinet, no visit and no person.
package metrics

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"allhours/protocol/topic"
)

// Metrics is one registry and what is counted in it by hand.
type Metrics struct {
	Registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	messages *prometheus.CounterVec
	handling *prometheus.HistogramVec
}

// New makes a registry with the process's own figures in it.
func New() *Metrics {
	m := &Metrics{
		Registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "allhours_http_requests_total", Help: "Requests answered, by route pattern, method and status.",
		}, []string{"route", "method", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "allhours_http_request_duration_seconds", Help: "Time to answer a request; event streams count until they end.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10, 60},
		}, []string{"route"}),
		messages: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "allhours_messages_received_total", Help: "Messages of cabinets handled, by channel and whether that went well.",
		}, []string{"channel", "ok"}),
		handling: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "allhours_message_duration_seconds", Help: "Time from a message's turn to its committed effect.",
			Buckets: []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .5, 2},
		}, []string{"channel"}),
	}
	m.Registry.MustRegister(m.requests, m.seconds, m.messages, m.handling,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Handler writes the registry out.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.Registry, promhttp.HandlerOpts{})
}

// Request counts one answered request.
func (m *Metrics) Request(method, route string, status int, took time.Duration) {
	m.requests.WithLabelValues(route, method, strconv.Itoa(status)).Inc()
	m.seconds.WithLabelValues(route).Observe(took.Seconds())
}

// Message counts one message of a cabinet.
func (m *Metrics) Message(ch topic.Channel, err error, took time.Duration) {
	m.messages.WithLabelValues(string(ch), strconv.FormatBool(err == nil)).Inc()
	m.handling.WithLabelValues(string(ch)).Observe(took.Seconds())
}

// Gauge shows a figure that somebody else keeps.
func (m *Metrics) Gauge(name, help string, read func() float64) {
	m.Registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, read))
}

// Counter shows a count that somebody else keeps and that never falls.
func (m *Metrics) Counter(name, help string, read func() float64) {
	m.Registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, read))
}
