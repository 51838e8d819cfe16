package driver_test

import (
	"os"
	"testing"

	"github.com/goccy/go-yaml"

	"allhours/edge/internal/driver"
)

func TestTheSamplesAreRight(t *testing.T) {
	for _, name := range []string{"modbusscale", "registermap", "mtsics", "aandd", "toledo"} {
		var cfg driver.ScaleConfig
		decodeSample(t, name, &cfg)
		if _, err := driver.NewScale(nil, cfg); err != nil {
			t.Errorf("sample of %s: %v", name, err)
		}
	}
	var thermometer driver.ThermometerConfig
	decodeSample(t, "dixell", &thermometer)
	if controller, err := driver.NewThermometer(nil, thermometer); err != nil || controller.Probes() != 2 {
		t.Errorf("sample of dixell: %v", err)
	}
	var reader driver.ReaderConfig
	decodeSample(t, "asciireader", &reader)
	if _, err := driver.NewReader(reader); err != nil {
		t.Errorf("sample of asciireader: %v", err)
	}
	for _, name := range []string{"modbusrelay", "cu16", "cu48", "lock8a", "wkly"} {
		var cfg driver.LockConfig
		decodeSample(t, name, &cfg)
		if board, err := driver.NewLockBoard(nil, cfg); err != nil || board.Channels() != 2 {
			t.Errorf("sample of %s: %v", name, err)
		}
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
