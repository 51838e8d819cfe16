package review

import (
	"encoding/json"
	"fmt"
	"time"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// recordingLife is how long a cabinet is asked for a recording: until the case is waived by itself, or about so.
const recordingLife = 72 * time.Hour

// recordingsAtOnce bounds what is asked of one cabinet by itself, so that a person's question still finds a place.
const recordingsAtOnce = 4

// askedBy is who asks for recordings that no person asked for.
const askedBy = "review"

// Recorder asks cabinets for the recordings of visits that a person has to decide.
type Recorder struct {
	Now   func() time.Time
	NewID func() protocol.UUID
}

// Record asks once for each visit, in the transaction that makes it a case. Where too much waits for the cabinet already it
// is asked later.
func (r Recorder) Record(tx cloud.Tx, cabinet protocol.CabinetID, visit protocol.VisitID) error {
	asked, err := tx.Cases.Asked(visit)
	if err != nil || !asked.IsZero() {
		return err
	}
	waiting, err := tx.Tasks.List(cabinet, r.Now(), recordingsAtOnce)
	if err != nil || len(waiting) == recordingsAtOnce {
		return err
	}
	args, err := json.Marshal(wire.TraceArgs{Visit: visit})
	if err != nil {
		return fmt.Errorf("recording of %s: %w", visit, err)
	}
	t := cloud.Task{
		ID: r.NewID(), Cabinet: cabinet, Kind: wire.TaskTrace, Args: args, By: askedBy, Asked: r.Now(), Expires: r.Now().Add(recordingLife),
	}
	if err := tx.Tasks.Add(t); err != nil {
		return err
	}
	return tx.Cases.Ask(visit, t.ID, r.Now())
}
