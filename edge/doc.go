// Package edge is the domain of one cabinet's agent: its visits, its clock, its book of goods, and what it needs of the
// boards. It does no I/O; who polls, stores and talks to the cloud lies in its subpackages, and package agent wires them.
// It refuses to know money beyond a price it was told: the cloud decides that.
package edge
