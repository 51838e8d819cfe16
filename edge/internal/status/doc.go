// Package status shows a running agent to whoever stands beside it: metrics and health on a loopback address. It refuses
// to show anything of a visit.
package status
