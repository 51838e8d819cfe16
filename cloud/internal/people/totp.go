package people

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // What authenticator apps compute; RFC 6238 rests on the key, not on collisions.
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"time"
)

// Codes of authenticator apps (RFC 6238): six digits, a new one every 30 seconds.
const (
	totpSeconds = 30
	totpDigits  = 6
	totpKey     = 20  // bytes, as long as the hash
	totpDrift   = 1   // time steps that the app's clock may be off, either way
	totpSpan    = 1e6 // ten to the power of totpDigits
)

// totpStep is the number of the time step that holds at a time.
func totpStep(at time.Time) int64 { return at.Unix() / totpSeconds }

// totpCode is the code of a time step (RFC 4226, section 5.3).
func totpCode(key []byte, step int64) string {
	m := hmac.New(sha1.New, key)
	var counter [8]byte
	binary.BigEndian.PutUint64(counter[:], uint64(step))
	m.Write(counter[:])
	sum := m.Sum(nil)
	at := sum[len(sum)-1] & 0x0f
	value := binary.BigEndian.Uint32(sum[at:at+4]) & 0x7fffffff
	return fmt.Sprintf("%0*d", totpDigits, value%totpSpan)
}

// totpFind gives the time step whose code was typed, of those near a time; false where it is none of them.
func totpFind(key []byte, code string, at time.Time) (step int64, found bool) {
	now := totpStep(at)
	for s := now - totpDrift; s <= now+totpDrift; s++ {
		if subtle.ConstantTimeCompare([]byte(totpCode(key, s)), []byte(code)) == 1 {
			step, found = s, true
		}
	}
	return step, found
}
