package agent

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"allhours/protocol/wire"
)

func TestWhatRunsOnABoardIsToldOnceTheBoardTellsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := emptyTown(t)
		tn.mute, tn.firmware = true, "2.11"
		tn.begin()
		wait(time.Minute)
		if got := tn.cloud.Telemetry().Firmware; len(got) != 0 {
			t.Errorf("of a board that is silent it tells %+v", got)
		}
		tn.set(func(c *cabinet) { c.mute = false })
		want := []wire.Firmware{{Board: "line0, unit 1", Version: "2.11"}}
		tn.cloud.Until("it is told", 2*time.Minute, func() bool { return slices.Equal(tn.cloud.Telemetry().Firmware, want) })
		tn.set(func(c *cabinet) { c.firmware = "9.99" })
		wait(5 * time.Minute)
		if got := tn.cloud.Telemetry().Firmware; !slices.Equal(got, want) {
			t.Errorf("later it tells %+v: it was to be asked once", got)
		}
	})
}
