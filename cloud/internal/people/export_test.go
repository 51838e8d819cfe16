package people

import "time"

// TOTPCode is the code that an app shows at a time.
func TOTPCode(key []byte, at time.Time) string { return totpCode(key, totpStep(at)) }
