// Package cloud is the domain of the fleet service: chains, stores, cabinets, people, visits and orders, and one small
// interface for each thing that somebody else must provide. It holds rules, no SQL, no HTTP and no MQTT.
package cloud
