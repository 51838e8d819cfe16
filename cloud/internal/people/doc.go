// Package people signs residents and staff in and out. It keeps phones sealed, passwords and codes hashed, and of session
// tokens only the hash; it refuses to put any of them into an error, a log line or a metric.
package people
