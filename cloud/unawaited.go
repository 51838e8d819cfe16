package cloud

import "context"

type unawaitedKey struct{}

// Unawaited marks work for which nobody stands and waits: where the books are busy it goes after work that somebody waits for.
func Unawaited(ctx context.Context) context.Context {
	return context.WithValue(ctx, unawaitedKey{}, true)
}

// IsUnawaited reports whether work is marked so.
func IsUnawaited(ctx context.Context) bool {
	unawaited, _ := ctx.Value(unawaitedKey{}).(bool)
	return unawaited
}
