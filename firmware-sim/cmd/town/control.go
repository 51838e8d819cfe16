package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httputil"
	"os"
	"strings"

	"allhours/firmware-sim/control"
	"allhours/protocol"
)

// addressFile is where a cabinet's simulator says where it listens.
const addressFile = "control.addr"

// hands is the control port of all cabinets. Each cabinet's simulator has a port of its own, which changes when it is
// started again; requests are handed on to where it listens now.
type hands struct {
	folder   *folder
	cabinets []control.Info
	network  network
}

func (h *hands) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /cabinets", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(h.cabinets) // a caller that has gone away needs no answer
	})
	mux.HandleFunc("/cabinets/{id}/", h.handOn)
	mux.HandleFunc("POST /cabinets/{id}/network", h.takeNetwork)
	return mux
}

// networkOrder is the body of a request to take a cabinet's network away.
type networkOrder struct {
	Off bool `json:"off"`
}

func (h *hands) takeNetwork(w http.ResponseWriter, r *http.Request) {
	u, known := h.network[protocol.CabinetID(r.PathValue("id"))]
	if !known {
		control.Problem(w, http.StatusNotFound, fmt.Sprintf("there is no cabinet %q", r.PathValue("id")))
		return
	}
	var order networkOrder
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<10))
	d.DisallowUnknownFields()
	if err := d.Decode(&order); err != nil {
		control.Problem(w, http.StatusBadRequest, fmt.Sprintf(`%v: want {"off": true} or {"off": false}`, err))
		return
	}
	u.take(order.Off)
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(order) // a caller that has gone away needs no answer
}

func (h *hands) handOn(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	for _, c := range h.cabinets {
		if string(c.ID) != id {
			continue
		}
		address, err := h.address(c)
		if err != nil {
			control.Problem(w, http.StatusServiceUnavailable, fmt.Sprintf("the boards of %s are not running: %v", id, err))
			return
		}
		h.proxy(id, address).ServeHTTP(w, r)
		return
	}
	control.Problem(w, http.StatusNotFound, fmt.Sprintf("there is no cabinet %q", id))
}

func (h *hands) address(c control.Info) (string, error) {
	text, err := os.ReadFile(h.folder.cabinet(c.ID, addressFile))
	return strings.TrimSpace(string(text)), err
}

func (h *hands) proxy(id, address string) http.Handler {
	return &httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) {
			p.Out.URL.Scheme, p.Out.URL.Host = "http", address
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			control.Problem(w, http.StatusBadGateway, fmt.Sprintf("the boards of %s do not answer: %v", id, err))
		},
	}
}
