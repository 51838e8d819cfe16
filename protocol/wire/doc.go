// Package wire is the only place where MQTT payloads are built or read. Payloads are JSON; a payload above one kilobyte is
// gzipped and known by its first bytes. A reader accepts fields that it does not know, so that either side may be newer,
// and refuses everything else that it does not expect, naming the place.
package wire

// Version is the `v` of every message.
const Version = 1
