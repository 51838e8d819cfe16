package server

import (
	"context"
	"time"

	"allhours/cloud"
)

// measureReviews shows how the queue of what persons decide fares.
func (s *Server) measureReviews() {
	figure := func(name, help string, read func(cloud.ReviewFigures) float64) {
		s.metrics.Gauge(name, help, func() float64 {
			ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
			defer cancel()
			f, err := s.core.Cases.Figures(ctx)
			if err != nil {
				s.o.Logger.Warn("figures of reviews", "error", err)
			}
			return read(f)
		})
	}
	figure("allhours_reviews_open", "Reviews that nobody has decided.", func(f cloud.ReviewFigures) float64 { return float64(f.Open) })
	figure("allhours_reviews_oldest_seconds", "How long the longest waiting review has waited.", func(f cloud.ReviewFigures) float64 { return f.Oldest.Seconds() })
	figure("allhours_reviews_wait_median_seconds", "How long half of the reviews decided in seven days waited at most.",
		func(f cloud.ReviewFigures) float64 { return f.Median.Seconds() })
	figure("allhours_reviews_wait_p90_seconds", "How long nine in ten of the reviews decided in seven days waited at most.",
		func(f cloud.ReviewFigures) float64 { return f.P90.Seconds() })
	figure("allhours_reviews_looked_at_seconds", "How long persons had reviews open in seven days.", func(f cloud.ReviewFigures) float64 { return f.Spent.Seconds() })
	figure("allhours_reviews_looked_at_seconds_per_visit", "How long persons had reviews open in seven days, by the visits of that time.",
		func(f cloud.ReviewFigures) float64 {
			minutes, _ := f.PerThousand()
			return (minutes * time.Minute.Seconds()) / 1000
		})
}

// measureMessages shows what becomes of messages to residents.
func (s *Server) measureMessages() {
	m := s.metrics
	m.Gauge("allhours_messages_waiting", "Messages to residents that wait to be sent.", func() float64 {
		waiting, _ := s.backlog()
		return float64(waiting)
	})
	m.Gauge("allhours_messages_overdue_seconds", "How long the oldest message that is due has been there.", func() float64 {
		_, oldest := s.backlog()
		if oldest.IsZero() {
			return 0
		}
		return s.o.Now().Sub(oldest).Seconds()
	})
	m.Counter("allhours_messages_sent_total", "Messages that the provider took.", func() float64 { return float64(s.core.Messages.Stats().Sent) })
	m.Counter("allhours_messages_refused_total", "Messages that the provider will not send, or that were given up.",
		func() float64 { return float64(s.core.Messages.Stats().Refused) })
	m.Counter("allhours_messages_late_total", "Messages that were not sent in time.", func() float64 { return float64(s.core.Messages.Stats().Late) })
}

func (s *Server) backlog() (waiting int, oldest time.Time) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
	defer cancel()
	err := s.db.View(ctx, func(tx cloud.Tx) (err error) {
		waiting, oldest, err = tx.Messages.Backlog(s.o.Now())
		return err
	})
	if err != nil {
		s.o.Logger.Warn("messages that wait", "error", err)
	}
	return waiting, oldest
}
