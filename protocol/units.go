package protocol

import "fmt"

// Fen is money in hundredths of a yuan.
type Fen int64

// String writes the amount as a price tag does: ¥3.50.
func (f Fen) String() string {
	if f < 0 {
		return "-" + (-f).String()
	}
	return fmt.Sprintf("¥%d.%02d", f/100, f%100)
}

// Milligrams is weight; integers, so that sums on both sides agree to the last digit.
type Milligrams int64

// Grams gives the weight for arithmetic with noise.
func (m Milligrams) Grams() float64 { return float64(m) / 1000 }

// FromGrams rounds to the nearest milligram.
func FromGrams(g float64) Milligrams {
	if g < 0 {
		return -FromGrams(-g)
	}
	return Milligrams(g*1000 + 0.5)
}

// DeciCelsius is a temperature in tenths of a degree Celsius.
type DeciCelsius int16

// String writes the temperature with its one decimal.
func (d DeciCelsius) String() string {
	sign, tenths := "", int(d)
	if tenths < 0 {
		sign, tenths = "-", -tenths
	}
	return fmt.Sprintf("%s%d.%d °C", sign, tenths/10, tenths%10)
}
