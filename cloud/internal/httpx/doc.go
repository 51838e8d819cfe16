// Package httpx is what every route of the cloud shares: problem details, sessions, roles, defences of the browser, the
// access log and event streams. It knows echo; it knows no page and no resource, and it writes nothing personal to a log.
package httpx
