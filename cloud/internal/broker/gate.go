package broker

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/packets"

	"allhours/protocol"
	"allhours/protocol/topic"
)

const (
	// maxKeepAlive in seconds; a client without one would hold a dead connection for ever.
	maxKeepAlive = 1200
	loginTimeout = 5 * time.Second
	// patience is how long a cabinet's message waits for room, while nothing else of its connection is read. Then it is dropped:
	// whatever matters is said again, later each time and more of it at once, which costs less. It is less than a cabinet waits
	// for the answer to a ping: where it was more, a service that was behind lost the connections as well, and the births of ten
	// thousand that came back kept it behind.
	patience = 5 * time.Second
)

// gate decides who may connect and which topics they may use, and takes what cabinets send.
type gate struct {
	mqtt.HookBase
	logins    Logins
	log       *slog.Logger
	known     sync.Map // protocol.CabinetID -> topic.Address, of all that have logged in; a shard never changes
	intake    *intake
	open      context.Context // ends with the broker
	refused   atomic.Int64
	forbidden atomic.Int64
	dropped   atomic.Int64
}

func (g *gate) ID() string { return "gate" }

func (g *gate) Provides(b byte) bool {
	switch b {
	case mqtt.OnConnectAuthenticate, mqtt.OnACLCheck, mqtt.OnPublish, mqtt.OnWill:
		return true
	}
	return false
}

// OnConnectAuthenticate checks more than the password: the broker itself publishes a will without asking whether its
// sender may use the topic, and a foreign client id would throw another cabinet out.
func (g *gate) OnConnectAuthenticate(cl *mqtt.Client, pk packets.Packet) bool {
	reason := g.refusal(cl, pk)
	if reason == "" {
		return true
	}
	g.refused.Add(1)
	g.log.Warn("mqtt connection refused", "user", printable(pk.Connect.Username), "why", reason)
	return false
}

func (g *gate) refusal(cl *mqtt.Client, pk packets.Packet) string {
	user := string(pk.Connect.Username)
	id := protocol.CabinetID(user)
	switch {
	case id.Validate() != nil:
		return "user is no cabinet id"
	case !ownClientID(cl.ID, user):
		return "client id is not the cabinet's own"
	case !pk.Connect.Clean:
		return "session is not clean"
	case pk.Connect.Keepalive == 0 || pk.Connect.Keepalive > maxKeepAlive:
		return "keep-alive is not 1 to 1200 seconds"
	}
	ctx, cancel := context.WithTimeout(context.Background(), loginTimeout)
	defer cancel()
	addr, err := g.logins.CheckLogin(ctx, id, pk.Connect.Password)
	if err != nil {
		return "wrong password or unknown cabinet"
	}
	if pk.Connect.WillFlag && !addr.MayUse(pk.Connect.WillTopic, true) {
		return "will on a foreign topic"
	}
	g.known.Store(id, addr)
	return ""
}

// ownClientID accepts the user's own name, alone or followed by something that no cabinet id can contain.
func ownClientID(client, user string) bool {
	rest, ok := strings.CutPrefix(client, user)
	return ok && (rest == "" || strings.ContainsRune("._:/", rune(rest[0])))
}

// OnACLCheck lets a cabinet use its own topics. The cloud's own messages are not asked for here.
func (g *gate) OnACLCheck(cl *mqtt.Client, topicOrFilter string, write bool) bool {
	if g.allowed(cl, topicOrFilter, write) {
		return true
	}
	g.forbidden.Add(1)
	return false
}

// OnPublish takes a cabinet's message, which goes to nobody else; it runs where the cabinet's connection is read, which waits
// as long as there is no room.
func (g *gate) OnPublish(cl *mqtt.Client, pk packets.Packet) (packets.Packet, error) {
	if cl.Net.Inline {
		return pk, nil
	}
	g.take(pk.TopicName, pk.Payload)
	return pk, packets.CodeSuccessIgnore
}

// OnWill takes what a lost cabinet left to be said.
func (g *gate) OnWill(_ *mqtt.Client, will mqtt.Will) (mqtt.Will, error) {
	g.take(will.TopicName, will.Payload)
	return will, nil
}

func (g *gate) take(name string, payload []byte) {
	if !g.intake.put(g.open, patience, name, payload, nil) {
		g.dropped.Add(1)
	}
}

func (g *gate) allowed(cl *mqtt.Client, topicOrFilter string, write bool) bool {
	addr, ok := g.known.Load(protocol.CabinetID(cl.Properties.Username))
	return ok && addr.(topic.Address).MayUse(topicOrFilter, write)
}

// printable keeps a stranger from writing what it likes, or somebody's phone number, into the log.
func printable(user []byte) string {
	if protocol.CabinetID(user).Validate() != nil || looksLikeNumber(user) {
		return "(no cabinet id)"
	}
	return string(user)
}

func looksLikeNumber(b []byte) bool {
	digits := 0
	for _, c := range b {
		if c >= '0' && c <= '9' {
			digits++
		}
	}
	return digits > 6
}
