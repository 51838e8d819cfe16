package fieldbus_test

import (
	"testing"

	"allhours/protocol"
	"allhours/protocol/fieldbus"
)

func TestCountsAreWeightsToTheNearestMilligram(t *testing.T) {
	for _, c := range []struct {
		name     string
		unit     fieldbus.Unit
		count    int64
		decimals int
		want     protocol.Milligrams
	}{
		{"grams", fieldbus.Grams, 1234, 1, 123_400},
		{"grams without decimals", fieldbus.Grams, -5, 0, -5000},
		{"kilograms", fieldbus.Kilograms, 12345, 3, 12_345_000},
		{"tenths of a milligram", fieldbus.Grams, 15, 4, 2},
		{"and less than nothing", fieldbus.Grams, -15, 4, -2},
	} {
		if got := c.unit.Weight(c.count, c.decimals); got != c.want {
			t.Errorf("%s: %d mg, want %d", c.name, got, c.want)
		}
	}
	if got := fieldbus.Kilograms.Count(-12_345_600, 3); got != -12346 {
		t.Errorf("-12.3456 kg is counted %d", got)
	}
	if fieldbus.Unit("lb").Known() || !fieldbus.Grams.Known() {
		t.Error("pounds are known, or grams are not")
	}
}
