package masterdata

import (
	"strings"
	"testing"

	"allhours/cloud"
)

func TestTheHoursWhenNobodyWantsAMessage(t *testing.T) {
	for _, c := range []struct {
		name, document string
		want           cloud.Quiet
		bad            string
	}{
		{"a chain that does not say it lets people sleep", `{}`, cloud.Quiet{From: 22 * 60, To: 8 * 60}, ""},
		{"its own hours", `{"quiet_hours": {"from": "21:30", "to": "07:00"}}`, cloud.Quiet{From: 21*60 + 30, To: 7 * 60}, ""},
		{"the same hour twice is none", `{"quiet_hours": {"from": "00:00", "to": "00:00"}}`, cloud.Quiet{}, ""},
		{"an hour that is none", `{"quiet_hours": {"from": "25:00", "to": "07:00"}}`, cloud.Quiet{}, "quiet_hours.from: want a time of day"},
		{"half of it", `{"quiet_hours": {"from": "22:00"}}`, cloud.Quiet{}, "quiet_hours.to: want a time of day"},
	} {
		t.Run(c.name, func(t *testing.T) {
			root, faults, err := parse([]byte(c.document))
			if err != nil {
				t.Fatal(err)
			}
			got := quiet(root.at("quiet_hours"))
			if err := faults.err(); c.bad != "" && (err == nil || !strings.Contains(err.Error(), c.bad)) || c.bad == "" && (err != nil || got != c.want) {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}
