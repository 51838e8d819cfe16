package picking

import (
	"testing"

	"allhours/protocol"
)

func TestWhatIsEasilyTakenForSomethingElse(t *testing.T) {
	look := func(sku, category, name string, unit, sd int64) Look {
		return Look{SKU: protocol.SKU(sku), Category: category, Names: []string{name}, Unit: protocol.Milligrams(unit), SD: protocol.Milligrams(sd)}
	}
	cola := look("1101", "soft-drink", "可乐 330ml 罐", 352500, 1600)
	cases := []struct {
		name     string
		a, b     Look
		division int64
		named    bool
		weighed  bool
	}{
		{"the same in another size", cola, look("1103", "soft-drink", "可乐 500ml", 536000, 2700), 1000, true, false},
		{"another taste, and a weight within the spread of both", cola, look("1106", "soft-drink", "橙味汽水 330ml 罐", 355000, 1700), 1000, false, true},
		{"the same without sugar, which scales tell apart", cola, look("1102", "soft-drink", "无糖可乐 330ml 罐", 344000, 1600), 1000, true, false},
		{"the same name in another category", cola, look("9", "toys", "可乐 330ml 罐", 1, 1), 1000, false, false},
		{"nothing alike", cola, look("1201", "soft-drink", "冰红茶 500ml", 531000, 2600), 1000, false, false},
		{"a scale that is finer than the goods are", cola, look("1106", "soft-drink", "橙味汽水 330ml 罐", 352500, 1700), 1, false, true},
		{"a scale that reads in steps of five grams", cola, look("7", "tea", "茶", 357000, 100), 5000, false, true},
		{"itself", cola, cola, 1000, false, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for _, pair := range [][2]Look{{c.a, c.b}, {c.b, c.a}} {
				if got := SameName(pair[0], pair[1]); got != c.named {
					t.Errorf("of one name: %v", got)
				}
				if got := SameWeight(pair[0], pair[1], protocol.Milligrams(c.division)); got != c.weighed {
					t.Errorf("of one weight: %v", got)
				}
			}
		})
	}
}
