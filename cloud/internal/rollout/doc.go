// Package rollout changes planograms and prices in many cabinets at once: it says before what that means for each of them, does it
// in all of them or in none, follows how far it is, and takes it back. It refuses to put a planogram into force: each of its
// drafts waits for a restocker, as every draft does.
package rollout
