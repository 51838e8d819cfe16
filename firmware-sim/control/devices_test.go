package control_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"allhours/firmware-sim/cabinet"
	"allhours/firmware-sim/control"
	"allhours/firmware-sim/line"
	"allhours/protocol"
	"allhours/protocol/fieldbus/modbus"
)

func TestDevicesAreReachedByTheControlPort(t *testing.T) {
	built, err := cabinet.New(cabinet.Plan{
		Cabinet: "xs-01", Layout: cabinet.Shelves, Baud: 115200,
		Platforms: []cabinet.Platform{{ID: "S1", Capacity: 40_000_000, Division: 1000}},
		Devices:   []cabinet.Device{{Family: cabinet.ASCIIReader}, {Family: cabinet.Dixell, Address: 31, Probes: []protocol.DeciCelsius{42}, Shared: true}},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := site{cabinet: built, cord: &cord{}}
	s.handler = control.New(t.Context(), built, s.cord).Handler()
	for _, c := range []struct {
		name, method, path, body string
		code                     int
		want                     string
	}{
		{"no scale has said anything yet", "GET", "scales", "", http.StatusOK, `[{"platform":"S1","said_mg":[],"tracks":true}]`},
		{"a code is shown", "POST", "reader", `{"reader":0,"text":"code"}`, http.StatusOK, `"code"`},
		{"before a reader that is not there", "POST", "reader", `{"reader":1,"text":"code"}`, http.StatusConflict, "no such reader"},
		{"a probe is warmed", "POST", "probe", `{"controller":0,"probe":1,"dc":-55}`, http.StatusOK, `-55`},
		{"a probe that is not there", "POST", "probe", `{"controller":0,"probe":9,"dc":0}`, http.StatusConflict, "no such probe"},
		{"something that nobody knows", "POST", "probe", `{"heat":1}`, http.StatusBadRequest, "heat"},
	} {
		code, _, body := s.request(c.method, "/cabinets/xs-01/"+c.path, c.body)
		if code != c.code || !strings.Contains(body, c.want) {
			t.Errorf("%s: %d %s", c.name, code, body)
		}
	}
	talker, talks := built.Lines()[1].(line.Talker)
	if !talks {
		t.Fatal("the reader does not speak unasked")
	}
	if said, _ := talker.Speak(time.Now()); string(said) != "code\r\n" {
		t.Errorf("the reader says %q", said)
	}
	req := modbus.Read(31, modbus.ReadHolding, 257, 1)
	frame, err := req.AppendFrame(nil)
	if err != nil {
		t.Fatal(err)
	}
	if reply, err := req.ParseReply(built.Answer(frame, time.Now())); err != nil || int16(modbus.Register(reply.Data, 0)) != -55 {
		t.Errorf("the probe shows % X, %v", reply.Data, err)
	}
}
