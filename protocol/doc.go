// Package protocol holds what the cabinet and the cloud must agree on: identifiers, units, roles and error codes.
//
// It and its subpackages use the standard library only, do no I/O and read no clock. It refuses to hold anything that
// only one side needs.
package protocol
