package status_test

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"allhours/edge/internal/status"
)

func get(t *testing.T, h http.Handler, path string) (code int, body string) {
	t.Helper()
	answer := httptest.NewRecorder()
	h.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, http.NoBody))
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.Code, string(text)
}

func TestHealthTellsWhyACabinetDoesNotSell(t *testing.T) {
	var why error
	h := status.Handler(prometheus.NewRegistry(), func() error { return why })
	if code, body := get(t, h, "/healthz"); code != http.StatusOK || body != "ok\n" {
		t.Errorf("healthy: %d %q", code, body)
	}
	why = errors.New("the journal is damaged")
	if code, body := get(t, h, "/healthz"); code != http.StatusServiceUnavailable || !strings.Contains(body, "damaged") {
		t.Errorf("not healthy: %d %q", code, body)
	}
}

func TestMetricsAreOfOneAgentOnly(t *testing.T) {
	first, second := prometheus.NewRegistry(), prometheus.NewRegistry()
	status.NewMetrics(first).Visits.WithLabelValues("bill").Inc()
	status.NewMetrics(second)
	_, body := get(t, status.Handler(first, nil), "/metrics")
	if !strings.Contains(body, `edge_visits_settled_total{decision="bill"} 1`) {
		t.Errorf("the visit is not shown:\n%s", body)
	}
	if _, other := get(t, status.Handler(second, nil), "/metrics"); !strings.Contains(other, `edge_visits_settled_total{decision="bill"} 0`) {
		t.Error("one agent shows another's visits")
	}
}

func TestNothingIsServedWhereTheFileAsksForNothing(t *testing.T) {
	stop, err := status.Serve("", prometheus.NewRegistry(), nil, slog.New(slog.DiscardHandler))
	if err != nil || stop() != nil {
		t.Error(err)
	}
	stop, err = status.Serve("127.0.0.1:0", prometheus.NewRegistry(), nil, slog.New(slog.DiscardHandler))
	if err != nil || stop() != nil {
		t.Error(err)
	}
}
