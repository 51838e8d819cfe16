package main

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"time"
)

// fleetOf answers as the service does; each request for the cabinets gets the next of the bodies, the last for ever.
func fleetOf(t *testing.T, bodies ...string) *service {
	t.Helper()
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/healthz" {
			return
		}
		n := int(asked.Add(1)) - 1
		_, _ = w.Write([]byte(bodies[min(n, len(bodies)-1)])) // the client takes everything
	}))
	t.Cleanup(server.Close)
	return &service{base: server.URL, client: server.Client()}
}

func TestTheTownIsUpWhenEveryCabinetSells(t *testing.T) {
	s := fleetOf(t,
		`{"cabinets":[{"id":"a","state":"away"}]}`,
		`{"cabinets":[{"id":"a","state":"ready"},{"id":"b","state":"away"}]}`,
		`{"cabinets":[{"id":"a","state":"ready"},{"id":"b","state":"stopped"}]}`,
		`{"cabinets":[{"id":"a","state":"ready"},{"id":"b","state":"ready"}]}`)
	begin := time.Now()
	notReady, err := s.await(t.Context(), 2)
	if err != nil || len(notReady) != 0 {
		t.Fatalf("%v, %v", notReady, err)
	}
	if took := time.Since(begin); took < 3*askPause || took > grace {
		t.Fatalf("it took %v to see the fourth answer", took)
	}
}

func TestACabinetThatDoesNotSellIsTold(t *testing.T) {
	list, away := unready(map[string]string{"c": "stopped", "a": "open", "b": "ready"})
	if away || !slices.Equal(list, []string{"a is open", "c is stopped"}) {
		t.Fatalf("%v, away %v", list, away)
	}
	if _, away := unready(map[string]string{"a": "away"}); !away {
		t.Fatal("a silent cabinet counts as there")
	}
}
