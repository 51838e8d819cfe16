package status

import (
	"github.com/prometheus/client_golang/prometheus"

	"allhours/edge/internal/bus"
)

// WatchLine registers what a serial line goes through, read whenever the metrics are.
func WatchLine(r prometheus.Registerer, name string, stats func() bus.Stats) {
	labels := prometheus.Labels{"line": name}
	counter := func(metric, help string, of func(bus.Stats) uint64) {
		r.MustRegister(prometheus.NewCounterFunc(
			prometheus.CounterOpts{Name: metric, Help: help, ConstLabels: labels},
			func() float64 { return float64(of(stats())) },
		))
	}
	counter("edge_line_requests_total", "Frames sent on the line.", func(s bus.Stats) uint64 { return s.Requests })
	counter("edge_line_sent_bytes_total", "Bytes sent on the line.", func(s bus.Stats) uint64 { return s.SentBytes })
	counter("edge_line_received_bytes_total", "Bytes that came from the line.", func(s bus.Stats) uint64 { return s.ReceivedBytes })
	counter("edge_line_timeouts_total", "Requests without any reply.", func(s bus.Stats) uint64 { return s.Timeouts })
	counter("edge_line_spoilt_total", "Requests whose replies were damaged.", func(s bus.Stats) uint64 { return s.Spoilt })
	counter("edge_line_openings_total", "Times that the port was opened.", func(s bus.Stats) uint64 { return s.Openings })
	counter("edge_line_abandoned_total", "Openings of the port that hung and were left behind.", func(s bus.Stats) uint64 { return s.Abandoned })
}

// WatchScales registers how often the slowest scale is read, asked whenever the metrics are.
func WatchScales(r prometheus.Registerer, hz func() float64) {
	r.MustRegister(prometheus.NewGaugeFunc(
		prometheus.GaugeOpts{Name: "edge_poll_hz", Help: "Readings a second of the slowest scale."}, hz,
	))
}
