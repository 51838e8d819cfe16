// Package broker moves messages between the cloud and its cabinets: an MQTT broker built in, or the cloud's one client of any
// other. It carries bytes; it does not read payloads, and no message that matters depends on its memory.
package broker
