// Package topic is the only place where MQTT topics are built or read: ah/1/<shard>/<cabinet>/<up|down>/<channel>.
package topic

import (
	"fmt"
	"strconv"
	"strings"

	"allhours/protocol"
)

// Shards is how many shares the fleet is split into; a cabinet's shard is fixed when it is enrolled.
const Shards = 64

const prefix = "ah/1/"

// Channel is the last level of a topic.
type Channel string

// What a cabinet sends (up) and is sent (down).
const (
	Birth     Channel = "birth"
	Death     Channel = "death"
	Event     Channel = "event"
	Live      Channel = "live"
	Telemetry Channel = "telemetry"
	Reply     Channel = "reply"

	Command Channel = "command"
	Ack     Channel = "ack"
	Config  Channel = "config"
)

var up = map[Channel]bool{Birth: true, Death: true, Event: true, Live: true, Telemetry: true, Reply: true}

var down = map[Channel]bool{Command: true, Ack: true, Config: true}

// Address is a cabinet's place in the tree of topics.
type Address struct {
	Shard   uint8 // 0 to 63
	Cabinet protocol.CabinetID
}

// Validate reports an address that no topic may be built from.
func (a Address) Validate() error {
	if a.Shard >= Shards {
		return fmt.Errorf("shard %d: want 0 to %d", a.Shard, Shards-1)
	}
	return a.Cabinet.Validate()
}

// Of gives the topic of a channel; the channel itself says whether it goes up or down.
func (a Address) Of(ch Channel) string {
	return a.base() + direction(ch) + "/" + string(ch)
}

// DownFilter is the one subscription that a cabinet makes.
func (a Address) DownFilter() string { return a.base() + "down/+" }

// UpFilter matches all that a cabinet may send.
func (a Address) UpFilter() string { return a.base() + "up/+" }

func (a Address) base() string {
	return prefix + strconv.Itoa(int(a.Shard)) + "/" + string(a.Cabinet) + "/"
}

// UpFilter is the subscription of a cloud replica to one channel of one shard.
func UpFilter(shard uint8, ch Channel) string {
	return prefix + strconv.Itoa(int(shard)) + "/+/up/" + string(ch)
}

// AllUpFilter is the subscription of a cloud that serves the whole fleet alone.
func AllUpFilter() string { return prefix + "+/+/up/+" }

// AllDownFilter matches all that a cloud may send.
func AllDownFilter() string { return prefix + "+/+/down/+" }

// Parse reads a topic back; an unknown channel, a wrong direction or a foreign prefix is an error.
func Parse(topic string) (Address, Channel, error) {
	rest, ok := strings.CutPrefix(topic, prefix)
	parts := strings.Split(rest, "/")
	if !ok || len(parts) != 4 {
		return Address{}, "", fmt.Errorf("topic %q: want %s<shard>/<cabinet>/<up|down>/<channel>", topic, prefix)
	}
	shard, err := strconv.ParseUint(parts[0], 10, 8)
	if err != nil || parts[0] != strconv.FormatUint(shard, 10) {
		return Address{}, "", fmt.Errorf("topic %q: shard %q: want 0 to %d", topic, parts[0], Shards-1)
	}
	a := Address{Shard: uint8(shard), Cabinet: protocol.CabinetID(parts[1])}
	if err := a.Validate(); err != nil {
		return Address{}, "", fmt.Errorf("topic %q: %w", topic, err)
	}
	ch := Channel(parts[3])
	if d := direction(ch); d == "" || d != parts[2] {
		return Address{}, "", fmt.Errorf("topic %q: unknown channel %s/%s", topic, parts[2], parts[3])
	}
	return a, ch, nil
}

// MayUse tells a broker whether a cabinet may publish to (write) or subscribe to a topic or filter: its own only.
func (a Address) MayUse(topicOrFilter string, write bool) bool {
	if write {
		at, ch, err := Parse(topicOrFilter)
		return err == nil && at == a && up[ch]
	}
	if topicOrFilter == a.DownFilter() {
		return true
	}
	at, ch, err := Parse(topicOrFilter)
	return err == nil && at == a && down[ch]
}

func direction(ch Channel) string {
	switch {
	case up[ch]:
		return "up"
	case down[ch]:
		return "down"
	}
	return ""
}
