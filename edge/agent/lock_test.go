package agent

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"allhours/edge"
)

// TestASwitchThatChattersIsOneChange moves a door whose switch says anything for 5 to 50 ms, as switches do, and reads it
// as often as the agent does and oftener.
func TestASwitchThatChattersIsOneChange(t *testing.T) {
	for _, every := range []time.Duration{time.Millisecond, 10 * time.Millisecond, lookAtDoors, 45 * time.Millisecond} {
		for chatter := 5 * time.Millisecond; chatter <= 50*time.Millisecond; chatter += 5 * time.Millisecond {
			t.Run(fmt.Sprintf("%v of chatter read every %v", chatter, every), func(t *testing.T) {
				for seed := range uint64(40) {
					chance := rand.New(rand.NewPCG(seed, 7))
					moved := time.Unix(100, 0).Add(time.Duration(chance.Int64N(int64(every))))
					var d debounced
					var told []edge.Tri
					for at := time.Unix(99, 800_000_000); at.Before(moved.Add(300 * time.Millisecond)); at = at.Add(every) {
						said := edge.TriOf(!at.Before(moved))
						if since := at.Sub(moved); since >= 0 && since < chatter {
							said = edge.TriOf(chance.IntN(2) == 0)
						}
						if when, sure := d.read(said, at); sure {
							told = append(told, d.held)
							late := when.Sub(moved)
							if len(told) == 2 && (late < 0 || late >= chatter+every || at.Sub(moved) > chatter+bounce+2*every) {
								t.Fatalf("seed %d: told %v after the move as of %v after it", seed, at.Sub(moved), late)
							}
						}
					}
					if len(told) != 2 || told[0] != edge.No || told[1] != edge.Yes {
						t.Fatalf("seed %d: told %v, want shut and then open", seed, told)
					}
				}
			})
		}
	}
}
