package server

import "allhours/cloud/internal/payment"

// What an Options.Provider is asked for, and what it says.
type (
	Provider        = payment.Provider
	ProviderAccount = payment.Account
	ProviderRequest = payment.Request
	ProviderWord    = payment.Word
	ProviderState   = payment.State
)

// The states of a provider's word.
const (
	ProviderPending = payment.StatePending // under way
	ProviderDone    = payment.StateDone
	ProviderRefused = payment.StateRefused // it never will be done
	ProviderNever   = payment.StateNever   // to Query: it never arrived
)
