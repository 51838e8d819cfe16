// Package swarm is many cabinets in one process, for measuring a cloud: each is claimed, keeps a connection by the agent's own
// uplink and a journal in memory, tells how it stands, writes events at a steady rate, and lets residents in who take one thing. It
// refuses to drive a board and to outlive its process: what it had not sent is gone.
package swarm
