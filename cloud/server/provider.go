package server

import "allhours/cloud/internal/payment"

// What an Options.Provider answers beside nil; any other error is an unknown outcome.
var (
	ErrProviderRefused = payment.ErrRefused // it never will be done
	ErrProviderNever   = payment.ErrNever   // to Query: it never arrived
)
