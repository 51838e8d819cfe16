package status

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"allhours/protocol"
	"allhours/protocol/settle"
)

// Kinds of what was held before a reader.
const (
	ScanGrant = "grant"
	ScanOther = "other"
)

// Metrics are what the agent counts.
type Metrics struct {
	Visits        *prometheus.CounterVec // by decision
	Replies       *prometheus.CounterVec // by code
	Scans         *prometheus.CounterVec // by kind: grant or other
	JournalErrors prometheus.Counter
	Backlog       prometheus.Gauge
	BurnSeconds   prometheus.Histogram
	PulseSeconds  prometheus.Histogram // from a command's arrival to its lock command written
}

// NewMetrics registers the metrics.
func NewMetrics(r prometheus.Registerer) *Metrics {
	buckets := []float64{.001, .002, .005, .01, .02, .05, .1, .2, .5, 1}
	m := &Metrics{
		Visits:        prometheus.NewCounterVec(prometheus.CounterOpts{Name: "edge_visits_settled_total", Help: "Visits settled, by decision."}, []string{"decision"}),
		Replies:       prometheus.NewCounterVec(prometheus.CounterOpts{Name: "edge_replies_total", Help: "Replies to commands, by code."}, []string{"code"}),
		Scans:         prometheus.NewCounterVec(prometheus.CounterOpts{Name: "edge_scans_total", Help: "Codes held before the readers, by kind."}, []string{"kind"}),
		JournalErrors: prometheus.NewCounter(prometheus.CounterOpts{Name: "edge_journal_errors_total", Help: "Writes that the journal did not take."}),
		Backlog:       prometheus.NewGauge(prometheus.GaugeOpts{Name: "edge_backlog_events", Help: "Events that the cloud has not acknowledged."}),
		BurnSeconds:   prometheus.NewHistogram(prometheus.HistogramOpts{Name: "edge_burn_seconds", Help: "Time to burn a grant on disk.", Buckets: buckets}),
		PulseSeconds:  prometheus.NewHistogram(prometheus.HistogramOpts{Name: "edge_pulse_seconds", Help: "Time from a command's arrival to its lock command written.", Buckets: buckets}),
	}
	// What has not happened yet is told as none, so that its first time is a growth.
	for _, decision := range []settle.Decision{settle.Bill, settle.Review} {
		m.Visits.WithLabelValues(string(decision))
	}
	m.Replies.WithLabelValues(string(protocol.CodeOK))
	for _, kind := range []string{ScanGrant, ScanOther} {
		m.Scans.WithLabelValues(kind)
	}
	r.MustRegister(m.Visits, m.Replies, m.Scans, m.JournalErrors, m.Backlog, m.BurnSeconds, m.PulseSeconds)
	return m
}

// Serve shows the registry and the health at a loopback address until stop is called; "" serves nothing.
func Serve(address string, g prometheus.Gatherer, healthy func() error, log *slog.Logger) (stop func() error, err error) {
	if address == "" {
		return func() error { return nil }, nil
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("status: %w", err)
	}
	server := &http.Server{Handler: Handler(g, healthy), ReadHeaderTimeout: 5 * time.Second}
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.Error("status", "error", err)
		}
	}()
	return func() error {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		return server.Shutdown(ctx)
	}, nil
}

// Handler answers /metrics and /healthz; healthy tells why the cabinet does not sell.
func Handler(g prometheus.Gatherer, healthy func() error) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(g, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		if err := healthy(); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, "ok\n")
	})
	return mux
}
