package main

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// echo is a broker that says everything back.
func echo(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				_, _ = io.Copy(c, c)
				_ = c.Close()
			}()
		}
	}()
	return listener.Addr().String()
}

func TestACabinetsNetworkIsTakenAwayAndGivenBack(t *testing.T) {
	n, err := newNetwork([]place{{ID: "xs-01"}}, echo(t))
	if err != nil {
		t.Fatal(err)
	}
	h := hands{folder: &folder{root: t.TempDir()}, network: n}
	order := func(body string, want int) {
		t.Helper()
		w := httptest.NewRecorder()
		h.handler().ServeHTTP(w, httptest.NewRequest("POST", "/cabinets/xs-01/network", strings.NewReader(body)))
		if w.Code != want {
			t.Fatalf("%s: %d %s", body, w.Code, w.Body)
		}
	}
	dial := func() net.Conn {
		t.Helper()
		c, err := net.Dial("tcp", n["xs-01"].address())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		return c
	}
	says := func(c net.Conn) bool {
		if _, err := c.Write([]byte("?")); err != nil {
			return false
		}
		_, err := io.ReadFull(c, make([]byte, 1))
		return err == nil
	}
	first := dial()
	if !says(first) {
		t.Fatal("nothing comes back")
	}
	order(`{"off":true}`, http.StatusOK)
	if says(first) || says(dial()) {
		t.Error("without a network something comes back")
	}
	order(`{"of":true}`, http.StatusBadRequest)
	order(`{"off":false}`, http.StatusOK)
	if !says(dial()) {
		t.Error("the network is not back")
	}
	if err := n.close(); err != nil {
		t.Error(err)
	}
}
