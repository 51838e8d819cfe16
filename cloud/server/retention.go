package server

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"allhours/cloud/internal/privacy"
)

// Retention is what the server's daily run would remove of residents' data.
type Retention = privacy.Due

// Retention tells what a run would remove now, and removes nothing.
func (a *Admin) Retention(ctx context.Context) ([]Retention, error) { return a.core.Privacy.Look(ctx) }

// removals counts what was removed by its age whenever somebody asks.
type removals struct{ of *privacy.Service }

func (r removals) description() *prometheus.Desc {
	return prometheus.NewDesc("allhours_retention_removed_total", "What was removed of residents' data because its period was over, by kind.", []string{"kind"}, nil)
}

// Describe implements prometheus.Collector.
func (r removals) Describe(ch chan<- *prometheus.Desc) { ch <- r.description() }

// Collect implements prometheus.Collector.
func (r removals) Collect(ch chan<- prometheus.Metric) {
	stats := r.of.Stats()
	for _, kind := range privacy.Kinds() {
		ch <- prometheus.MustNewConstMetric(r.description(), prometheus.CounterValue, float64(stats.Removed[kind]), string(kind))
	}
}

// measurePrivacy shows what becomes of residents' data.
func (s *Server) measurePrivacy() {
	s.metrics.Registry.MustRegister(removals{s.core.Privacy})
	s.metrics.Counter("allhours_residents_erased_total", "Residents who were forgotten, at their own wish or because they had not been here for long.",
		func() float64 { return float64(s.core.Privacy.Stats().Erased) })
	s.metrics.Gauge("allhours_retention_last_run_timestamp_seconds", "When old data of residents were last removed without a failure; 0: not since the start.",
		func() float64 {
			last := s.core.Privacy.Stats().Last
			if last.IsZero() {
				return 0
			}
			return float64(last.UnixMilli()) / 1000
		})
}
