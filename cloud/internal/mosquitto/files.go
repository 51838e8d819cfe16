// Package mosquitto writes what a mosquitto needs to serve the fleet in place of the embedded broker: who may sign in, which
// topics each may use, and settings that hold it to what the embedded one allows. It runs no mosquitto and talks to none.
package mosquitto

import (
	"bytes"
	"fmt"
	"path/filepath"

	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

// Files in the folder that is written, and the certificate and its key, which the administrator puts there.
const (
	ConfigName   = "mosquitto.conf"
	PasswordName = "passwords"
	ACLName      = "acl"
	certName     = "cert.pem"
	keyName      = "key.pem"
)

// Limits of the broker, as the embedded one has them.
const (
	maxPacket    = wire.MaxPayload + 1<<10 // bytes; a payload and its topic
	maxKeepAlive = 1200                    // seconds
	maxClients   = 16_000                  // connections at once
	maxWaiting   = 16_384                  // QoS 1 messages for one client; more than the service takes at a time
)

// Login is one who may sign in: the service, or a cabinet.
type Login struct {
	User    string
	Kept    []byte // by Hash
	Cabinet topic.Address
}

// Passwords is the password file. Service is the service's own login.
func Passwords(service Login, cabinets []Login) []byte {
	var text bytes.Buffer
	for _, l := range append([]Login{service}, cabinets...) {
		fmt.Fprintf(&text, "%s:%s\n", l.User, l.Kept)
	}
	return text.Bytes()
}

// ACL is the file of who may use which topics. Each cabinet has lines of its own: a pattern would let it speak in another
// shard as well, and mosquitto reads those of 10,000 cabinets in half a second.
func ACL(service Login, cabinets []Login) []byte {
	var text bytes.Buffer
	fmt.Fprintf(&text, "user %s\ntopic read %s\ntopic write %s\n", service.User, topic.AllUpFilter(), topic.AllDownFilter())
	for _, l := range cabinets {
		fmt.Fprintf(&text, "\nuser %s\ntopic write %s\ntopic read %s\n", l.User, l.Cabinet.UpFilter(), l.Cabinet.DownFilter())
	}
	return text.Bytes()
}

// Config is the configuration of a mosquitto that listens on a port of one host, "" for all, and reads the other files of
// a folder, which must be an absolute path.
func Config(folder, host string, port int) []byte {
	listener := fmt.Sprint(port)
	if host != "" {
		listener += " " + host
	}
	return fmt.Appendf(nil, config, listener, filepath.Join(folder, certName), filepath.Join(folder, keyName),
		filepath.Join(folder, PasswordName), filepath.Join(folder, ACLName), maxClients, maxPacket, maxKeepAlive, maxWaiting, maxWaiting)
}

// config keeps the directives of the listener in front of the general ones. A cabinet's client id is its user, so that it
// cannot throw another one out.
const config = `# Written by fleetctl broker-files, which will write it again: change a copy, or its arguments.
listener %s
certfile %s
keyfile %s
tls_version tlsv1.2
use_username_as_clientid true
max_qos 1

allow_anonymous false
password_file %s
acl_file %s

# Truth lives in the cabinets' journals and in the service's database: nothing is to be remembered here.
persistence false
retain_available false
persistent_client_expiration 1h

# Without it a cabinet's door waits for TCP's delayed acknowledgements.
set_tcp_nodelay true
max_connections %d
max_packet_size %d
max_keepalive %d
max_inflight_messages %d
max_queued_messages %d
sys_interval 0
log_dest stderr
`
