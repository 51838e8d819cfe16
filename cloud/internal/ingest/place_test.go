package ingest

import (
	"testing"
	"time"

	"allhours/cloud"
	"allhours/protocol/wire"
)

func TestAnEventNeverHappensAfterItArrived(t *testing.T) {
	arrived := time.Date(2026, 11, 27, 15, 40, 0, 0, time.UTC) // 20 minutes before midnight by the chain's clocks
	for say, ahead := range map[string]time.Duration{"a second ahead": time.Second, "half an hour": 30 * time.Minute, "a day": 24 * time.Hour} {
		h, err := new(Service).place(cloud.Tx{}, &parcel{at: arrived}, wire.Event{At: arrived.Add(ahead).UnixMilli(), Clock: true})
		if err != nil || !h.at.Equal(arrived) {
			t.Errorf("%s: happened at %s, %v", say, h.at, err)
		}
	}
}
