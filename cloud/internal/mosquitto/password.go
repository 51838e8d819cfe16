package mosquitto

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
)

// prefix begins what mosquitto_passwd -H sha512 writes: salted SHA-512, which every version reads.
const prefix = "$6$"

// saltLen is mosquitto's own, in bytes.
const saltLen = 12

// Hash writes a password as mosquitto's password file holds it. It takes 32 random bytes or more, which need neither costs
// nor chance in their salt: it follows from the password, so that the same fleet gives the same file.
func Hash(password []byte) []byte {
	sum := sha256.Sum256(password)
	return salted(sum[:saltLen], password)
}

func salted(salt, password []byte) []byte {
	sum := sha512.Sum512(append(bytes.Clone(password), salt...))
	text := []byte(prefix)
	text = base64.StdEncoding.AppendEncode(text, salt)
	text = append(text, '$')
	return base64.StdEncoding.AppendEncode(text, sum[:])
}

// Readable reports whether mosquitto can check a password against what is kept of it. It cannot for cabinets that were
// enrolled before Hash was in use, of which a plain SHA-256 is kept.
func Readable(kept []byte) bool { return bytes.HasPrefix(kept, []byte(prefix)) }

// Matches reports whether a password is the one that kept was made of, now or before Hash was in use.
func Matches(kept, password []byte) bool {
	if !Readable(kept) {
		sum := sha256.Sum256(password)
		return len(kept) == len(sum) && subtle.ConstantTimeCompare(kept, sum[:]) == 1
	}
	text, _, whole := bytes.Cut(kept[len(prefix):], []byte("$"))
	salt, err := base64.StdEncoding.AppendDecode(nil, text)
	return whole && err == nil && subtle.ConstantTimeCompare(kept, salted(salt, password)) == 1
}
