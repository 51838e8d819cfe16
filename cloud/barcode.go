package cloud

import "strings"

// Barcode is a number that stands on an article in bars: EAN-13, EAN-8 or UPC-A, with its check digit.
type Barcode string

// Valid reports a number of a length that there is, with a check digit that agrees.
func (b Barcode) Valid() bool {
	if len(b) != 8 && len(b) != 12 && len(b) != 13 {
		return false
	}
	sum := 0
	for i := range len(b) {
		digit := int(b[len(b)-1-i]) - '0'
		if digit < 0 || digit > 9 {
			return false
		}
		if i%2 == 1 {
			digit *= 3
		}
		sum += digit
	}
	return sum%10 == 0
}

// Plain is the number without leading zeros, by which two are compared: a reader tells a UPC-A as an EAN-13 that begins with one.
func (b Barcode) Plain() string { return strings.TrimLeft(string(b), "0") }
