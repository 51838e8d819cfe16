package web_test

import (
	"net/http"
	"testing"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/wire"
)

func TestACabinetsPageTellsItsOpenIncidentsAndHowWarmItMayBe(t *testing.T) {
	for lang, want := range map[string][]string{
		"zh-CN": {"柜子不肯用新的配置", "S9 has no scale", "2 次", "自己的钥匙开门检修过", `href="/v/` + id(77).String() + `"`, "4.2 °C, 不知道", "总部定的：最高 -15.0 °C，不开门最多超温 20 分钟"},
		"en": {
			"The cabinet refused its new configuration", "S9 has no scale", "2 times", "by its own key", "4.2 °C, unknown",
			"The chain says: at most -15.0 °C, warm for 20 min at most",
		},
	} {
		w := newWorld()
		cab := w.cabinet("qj-1")
		above := protocol.DeciCelsius(-150)
		cab.Health = map[protocol.Compartment]wire.Health{1: {AboveDC: &above, WarmMin: 20}}
		cab.Presence.Telemetry.Compartments[0].Probes = []wire.Probe{{Celsius: 42}, {Fault: "silent"}}
		cab.Incidents = []cloud.Incident{
			{Cabinet: "qj-1", Kind: cloud.IncidentConfig, Detail: "version 1.9: malformed: platform S9 has no scale here", Count: 2, First: noon, Last: noon},
			{Cabinet: "qj-1", Kind: cloud.IncidentServiceByClaim, Subject: id(77).String(), Count: 1, First: noon, Last: noon},
		}
		v := visitor{t: t, handler: handlerOf(w, false), lang: lang, session: "manager"}
		mustSee(t, v.get("/cabinets/qj-1"), http.StatusOK, want...)
	}
}
