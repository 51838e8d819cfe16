package server

import (
	"testing"
	"testing/synctest"
	"time"

	"allhours/protocol"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

// configs counts the desired states that the cabinet was sent.
func (c *cabinet) configs() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for _, payload := range c.got {
		if wire.Unseal(wire.KindConfig, c.keys, payload, &wire.Config{}) == nil {
			n++
		}
	}
	return n
}

func TestADesiredStateThatIsOnItsWayIsNotSentWithEachWord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newRig(t).connect()
		born := func(conn byte) {
			c.say(topic.Birth, wire.Birth{
				V: 1, Cabinet: "xs-01", Journal: cardOf(50), Boot: 1, Conn: protocol.UUID{conn}, Challenge: make([]byte, 16),
			})
		}
		for _, step := range []struct {
			what string
			do   func()
			want int
		}{
			{"the first birth", func() {}, 1},
			{"the birth is repeated, as by a cabinet that was not answered yet", func() { time.Sleep(15 * time.Second); born(1) }, 1},
			{"it is not applied for long", func() { time.Sleep(75 * time.Second) }, 2},
			{"another connection", func() { born(2) }, 3},
		} {
			step.do()
			synctest.Wait()
			if got := c.configs(); got != step.want {
				t.Fatalf("%s: %d were sent in all, want %d", step.what, got, step.want)
			}
		}
	})
}
