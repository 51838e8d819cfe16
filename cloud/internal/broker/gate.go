package broker

import (
	"bytes"
	"context"
	"crypto/subtle"
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
)

// gate decides who may connect and which topics they may use.
type gate struct {
	mqtt.HookBase
	logins       Logins
	selfPassword []byte
	log          *slog.Logger
	known        sync.Map // protocol.CabinetID -> topic.Address, of all that have logged in; a shard never changes
	refused      atomic.Int64
	forbidden    atomic.Int64
	flow         flow
}

func (g *gate) ID() string { return "gate" }

func (g *gate) Provides(b byte) bool {
	switch b {
	case mqtt.OnConnectAuthenticate, mqtt.OnACLCheck, mqtt.OnSubscribed, mqtt.OnDisconnect, mqtt.OnPublish, mqtt.OnWill:
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
	if user == SelfUser {
		if cl.Net.Listener != ownListener || subtle.ConstantTimeCompare(pk.Connect.Password, g.selfPassword) != 1 {
			return "not the cloud's own client"
		}
		return ""
	}
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

// OnACLCheck lets a cabinet use its own topics, and the cloud what travels to and from all of them.
func (g *gate) OnACLCheck(cl *mqtt.Client, topicOrFilter string, write bool) bool {
	if g.allowed(cl, topicOrFilter, write) {
		return true
	}
	g.forbidden.Add(1)
	return false
}

// OnSubscribed begins the flow of messages with the cloud's own subscription.
func (g *gate) OnSubscribed(cl *mqtt.Client, _ packets.Packet, _ []byte) {
	if isSelf(cl) {
		g.flow.open(cl)
	}
}

// OnDisconnect ends the flow that the client began.
func (g *gate) OnDisconnect(cl *mqtt.Client, _ error, _ bool) { g.flow.close(cl) }

// OnPublish lets a cabinet's message wait for its turn; it runs where the cabinet's connection is read.
func (g *gate) OnPublish(cl *mqtt.Client, pk packets.Packet) (packets.Packet, error) {
	if !isSelf(cl) {
		g.flow.take()
	}
	return pk, nil
}

// OnWill does the same for what a lost cabinet left to be said.
func (g *gate) OnWill(_ *mqtt.Client, will mqtt.Will) (mqtt.Will, error) {
	g.flow.take()
	return will, nil
}

func isSelf(cl *mqtt.Client) bool { return bytes.Equal(cl.Properties.Username, []byte(SelfUser)) }

func (g *gate) allowed(cl *mqtt.Client, topicOrFilter string, write bool) bool {
	if isSelf(cl) {
		return g.selfAllowed(topicOrFilter, write)
	}
	addr, ok := g.known.Load(protocol.CabinetID(cl.Properties.Username))
	return ok && addr.(topic.Address).MayUse(topicOrFilter, write)
}

func (g *gate) selfAllowed(topicOrFilter string, write bool) bool {
	if !write && topicOrFilter == topic.AllUpFilter() {
		return true
	}
	addr, ch, err := topic.Parse(topicOrFilter)
	return err == nil && addr.MayUse(addr.Of(ch), !write)
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
