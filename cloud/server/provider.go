package server

import "allhours/cloud/internal/payment"

// What an Options.Provider is asked for, and what it says.
type (
	Provider        = payment.Provider
	ProviderAccount = payment.Account
	ProviderRequest = payment.Request
	ProviderWord    = payment.Word
	ProviderState   = payment.State
	ProviderDeed    = payment.Done // what it did, as its bills tell
)

// ErrForgedCall is what a provider's Parse says of a call that the provider did not make.
var ErrForgedCall = payment.ErrForged

// The states of a provider's word.
const (
	ProviderPending = payment.StatePending // under way
	ProviderDone    = payment.StateDone
	ProviderRefused = payment.StateRefused // it never will be done
	ProviderNever   = payment.StateNever   // to Query: it never arrived
)
