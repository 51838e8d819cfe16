// Package uplink carries a cabinet's events to the cloud and the cloud's words to the cabinet. MQTT is a transport only:
// an event counts as delivered when the cloud's signed acknowledgement says so, never because a broker took it, and
// nothing that matters is kept in a broker or a client library.
//
// It refuses an acknowledgement or a desired state that the cloud did not sign, or that was meant for another cabinet,
// journal or connection. It does not judge commands: their grants are the agent's.
package uplink
