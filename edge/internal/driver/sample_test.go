package driver_test

import (
	"os"
	"testing"

	"github.com/goccy/go-yaml"

	"allhours/edge/internal/driver"
)

func TestTheSamplesAreRight(t *testing.T) {
	for _, name := range []string{"modbusscale", "registermap"} {
		var cfg driver.ScaleConfig
		decodeSample(t, name, &cfg)
		if _, err := driver.NewScale(nil, cfg); err != nil {
			t.Errorf("sample of %s: %v", name, err)
		}
	}
	var cfg driver.LockConfig
	decodeSample(t, "modbusrelay", &cfg)
	if board, err := driver.NewLockBoard(nil, cfg); err != nil || board.Channels() != 2 {
		t.Errorf("sample of modbusrelay: %v", err)
	}
}

func decodeSample(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(name + "/sample.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.UnmarshalWithOptions(text, into, yaml.Strict()); err != nil {
		t.Errorf("sample of %s: %v", name, err)
	}
}
