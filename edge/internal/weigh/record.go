package weigh

import (
	"slices"

	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/trace"
)

// maxMoments bounds what is remembered of one visit, 8 MB: half an hour of 24 channels at 12 Hz. The recording of a longer
// one is given up.
const maxMoments = 1 << 19

// theDoor stands for a channel where the door moved.
const theDoor = -1

// moment is one thing that the engine was fed.
type moment struct {
	weight  protocol.Milligrams
	at      int32 // milliseconds since the visit's zero: enough for three weeks
	channel int16 // in the layout's order, or theDoor
	yes     bool  // the channel answered, or the door is open
}

// Recording is what the engine had been fed when it decided a visit.
type Recording struct {
	trace.Header
	moments []moment
}

// Recording gives what the last Decide knew; false where the visit was too long to be remembered. The id and the prices of
// its header are left to the caller.
func (v *Visit) Recording() (Recording, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.moments) >= maxMoments {
		return Recording{}, false
	}
	h := trace.Header{Layout: v.layout, Confidence: v.config.BillConfidence}
	return Recording{Header: h, moments: v.moments[:v.decided:v.decided]}, true
}

// feed gives the engine what happened, and remembers it.
func (v *Visit) feed(m moment) {
	if len(v.moments) < maxMoments {
		v.moments = append(v.moments, m)
	}
	if m.channel == theDoor {
		v.engine.Door(int64(m.at), m.yes)
		return
	}
	v.engine.Read(int64(m.at), int(m.channel), settle.Sample{Weight: m.weight, OK: m.yes})
}

// Write writes the recording in the order in which the engine was fed.
func (r Recording) Write(w *trace.Writer) error {
	if err := w.Begin(r.Header); err != nil {
		return err
	}
	platforms := len(r.Layout.Platforms)
	for from := 0; from < len(r.moments); {
		first := r.moments[from]
		if first.channel == theDoor {
			if err := w.Door(int64(first.at), first.yes); err != nil {
				return err
			}
			from++
			continue
		}
		n := rowLength(r.moments[from:])
		read, samples := rowOf(r.moments[from:from+n], platforms)
		if err := w.Read(int64(first.at), read, samples); err != nil {
			return err
		}
		from += n
	}
	return nil
}

// rowLength is how many readings at the front belong to one moment, each of another channel.
func rowLength(moments []moment) int {
	n := 1
	for ; n < len(moments); n++ {
		m := moments[n]
		again := slices.ContainsFunc(moments[:n], func(o moment) bool { return o.channel == m.channel })
		if again || m.at != moments[0].at || m.channel == theDoor {
			break
		}
	}
	return n
}

// rowOf leaves out the names of the platforms where all are there in the layout's order.
func rowOf(moments []moment, platforms int) ([]int, []settle.Sample) {
	read, samples := make([]int, len(moments)), make([]settle.Sample, len(moments))
	for i, m := range moments {
		read[i], samples[i] = int(m.channel), settle.Sample{Weight: m.weight, OK: m.yes}
	}
	if len(read) == platforms && slices.IsSorted(read) {
		return nil, samples
	}
	return read, samples
}
