// Package claim is how a cabinet joins the fleet: the code that a person types at it, the request in which it proves a key
// of its own, and the papers that it is answered with. It builds, signs, reads and checks them; who may still use which code
// is the cloud's to remember.
package claim
