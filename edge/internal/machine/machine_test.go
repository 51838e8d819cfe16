package machine_test

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"allhours/edge/internal/machine"
	"allhours/protocol/wire"
)

func TestAMachineTellsWhatItsKernelKnowsAndNoMore(t *testing.T) {
	yes, no, half, weak := true, false, 47, -71
	cases := []struct {
		name  string
		files map[string]string
		want  wire.Machine
	}{
		{name: "a box with neither battery nor radio"},
		{name: "mains and a battery", files: map[string]string{
			"sys/class/power_supply/AC/type": "Mains\n", "sys/class/power_supply/AC/online": "1\n",
			"sys/class/power_supply/BAT0/type": "Battery\n", "sys/class/power_supply/BAT0/capacity": "47\n",
		}, want: wire.Machine{Mains: &yes, Battery: &half}},
		{name: "one of two supplies is enough, and the emptier battery counts", files: map[string]string{
			"sys/class/power_supply/A/type": "Mains", "sys/class/power_supply/A/online": "1",
			"sys/class/power_supply/B/type": "USB", "sys/class/power_supply/B/online": "0",
			"sys/class/power_supply/C/type": "Battery", "sys/class/power_supply/C/capacity": "90",
			"sys/class/power_supply/D/type": "UPS", "sys/class/power_supply/D/capacity": "47",
		}, want: wire.Machine{Mains: &yes, Battery: &half}},
		{name: "on its battery alone", files: map[string]string{
			"sys/class/power_supply/AC/type": "Mains", "sys/class/power_supply/AC/online": "0",
		}, want: wire.Machine{Mains: &no}},
		{name: "a battery that tells no charge", files: map[string]string{
			"sys/class/power_supply/BAT0/type": "Battery", "sys/class/power_supply/BAT0/capacity": "300",
		}},
		{name: "a radio", files: map[string]string{
			"proc/net/wireless": "Inter-| sta-|   Quality        |\n face | tus | link level noise |\n wlan0: 0000   54.  -71.  -256        0\n",
		}, want: wire.Machine{Signal: &weak}},
		{name: "a radio that counts in its own units", files: map[string]string{
			"proc/net/wireless": "a\nb\n wlan0: 0000   54.  80.  0        0\n",
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			root := t.TempDir()
			for name, text := range c.files {
				path := filepath.Join(root, name)
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if got := machine.Read(root); !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}
