package storetest

import (
	"reflect"
	"testing"

	"allhours/cloud"
)

// airKept writes a trace over another of the same probe, and leaves those of others.
func airKept(t *testing.T, db cloud.DB) {
	planned(t, db)
	trace := func(probe int, last int64, steps ...cloud.AirRange) cloud.AirTrace {
		return cloud.AirTrace{Cabinet: "xs-01", Compartment: 1, Probe: probe, Last: last, Steps: steps}
	}
	frost, warm := cloud.AirRange{Low: -184, High: -179, Known: true}, cloud.AirRange{Low: 41, High: 43, Known: true}
	update(t, db, func(tx cloud.Tx) error {
		return tx.Air.Save([]cloud.AirTrace{trace(0, 100, warm), trace(1, 100, frost)})
	})
	update(t, db, func(tx cloud.Tx) error {
		return tx.Air.Save([]cloud.AirTrace{trace(0, 103, warm, cloud.AirRange{}, frost)})
	})
	has := func(want ...cloud.AirTrace) {
		t.Helper()
		view(t, db, func(tx cloud.Tx) error {
			got, err := tx.Air.List()
			if !reflect.DeepEqual(got, want) {
				t.Errorf("kept are %+v, want %+v", got, want)
			}
			return err
		})
	}
	has(trace(0, 103, warm, cloud.AirRange{}, frost), trace(1, 100, frost))
	update(t, db, func(tx cloud.Tx) error { return tx.Air.Forget(101) })
	has(trace(0, 103, warm, cloud.AirRange{}, frost))
}
