package main

import (
	"strings"
	"testing"

	"allhours/protocol"
)

func TestAnAgentIsToldWhatHangsOnItsLines(t *testing.T) {
	shelf := place{ID: "xs-01", Layout: "shelves", Platforms: []platform{{ID: "S1"}, {ID: "S2"}}}
	text, err := agentConfig(&folder{root: "/d"}, shelf, "127.0.0.1:1883", "")
	if err != nil {
		t.Fatal(err)
	}
	const want = `cabinet: xs-01
data: /d/cabinets/xs-01/agent
mqtt:
  url: tcp://127.0.0.1:1883
lines:
- name: line0
  path: /d/cabinets/xs-01/line0
  baud: 115200
- name: line1
  path: /d/cabinets/xs-01/line1
  baud: 115200
locks:
- line: line0
  compartments: [1]
  pulse_ms: 500
  modbusrelay:
    unit: 1
    channels:
    - relay: 0
      door:
        input: 1
      latch:
        input: 2
scales:
- line: line0
  platforms: [S1]
  modbusscale:
    unit: 11
- line: line0
  platforms: [S2]
  modbusscale:
    unit: 12
readers:
- line: line1
  asciireader: {}
`
	if string(text) != want {
		t.Fatalf("got\n%s", text)
	}
}

func TestTenLanesHangOnTwoBoards(t *testing.T) {
	c := place{ID: "xs-03", Layout: "lanes"}
	for _, id := range []string{"A1", "A2", "A3", "A4", "A5", "A6", "B1", "B2", "B3", "B4"} {
		c.Platforms = append(c.Platforms, platform{ID: protocol.PlatformID(id)})
	}
	text, err := agentConfig(&folder{root: "/d"}, c, "127.0.0.1:1883", "")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"platforms: [A1, A2, A3, A4, A5, A6, B1, B2]\n  registermap:\n    unit: 11\n    channels: 8\n",
		"platforms: [B3, B4]\n  registermap:\n    unit: 12\n    channels: 2\n",
		"tracking:\n    - first: 32\n      count: 4\n",
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

func TestAnAgentChecksTheCertificateOfAnotherBroker(t *testing.T) {
	text, err := agentConfig(&folder{root: "/d"}, place{ID: "xs-01"}, "127.0.0.1:8883", "/etc/ca.pem")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "url: tls://127.0.0.1:8883\n  ca: /etc/ca.pem\n") {
		t.Fatalf("got\n%s", text)
	}
}
