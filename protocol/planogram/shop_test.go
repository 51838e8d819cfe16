package planogram_test

import (
	"fmt"
	"math/rand/v2"

	"allhours/protocol"
	"allhours/protocol/planogram"
)

// shop is a grocery's goods as the scales meet them: grams of a unit and their standard deviation.
var shop = [][2]float64{
	{571, 2.6},
	{615.5, 2.8},
	{368, 2.1},
	{432, 2.4},
	{1542, 5},
	{352.5, 1.6},
	{344, 1.6},
	{536, 2.7},
	{534, 2.7},
	{503, 2.6},
	{355, 1.7},
	{531, 2.6},
	{529.5, 2.6},
	{525, 2.5},
	{526, 2.5},
	{307, 1.8},
	{331, 2},
	{213, 1.2},
	{533, 2.6},
	{528, 2.6},
	{281, 1.4},
	{332, 2.2},
	{330.5, 2.2},
	{287, 1.5},
	{263, 1.3},
	{1046, 3.5},
	{492, 2.6},
	{211, 1.5},
	{266, 1.7},
	{97.5, 1},
	{324, 2},
	{409, 4.5},
	{368.5, 4.2},
	{85, 1.4},
	{66, 1.2},
	{158, 3.8},
	{112, 2.4},
	{486, 9},
	{268, 6.5},
	{128, 4},
	{365, 7.5},
	{143, 2},
	{152, 2.1},
	{558, 4.5},
	{438, 4.8},
	{161, 2.2},
	{168, 1.8},
	{322, 3.5},
	{84, 1.6},
	{84.5, 1.6},
	{146, 1.6},
	{67, 1.4},
	{28.5, 0.7},
	{167, 1.8},
	{19, 0.5},
	{56, 1.1},
	{107, 1.8},
	{102, 1.2},
	{424, 3},
	{151, 1.9},
	{213.5, 1.9},
	{45.5, 0.6},
	{53, 0.7},
	{78, 0.8},
	{36, 0.5},
	{12, 0.3},
	{86, 1.1},
	{556, 9.5},
	{238, 14},
	{342, 18},
	{141, 2.6},
	{263.5, 3.6},
	{386, 16},
	{378, 3.2},
	{309, 7},
	{23, 0.5},
	{164, 2.2},
	{62, 1},
	{146.5, 1.3},
	{22, 0.6},
	{68, 1},
	{86.5, 1.2},
	{101, 0.9},
	{43, 0.8},
	{352, 3},
	{24, 0.5},
	{47, 0.9},
	{94, 1.6},
	{182, 2.5},
	{868, 3.6},
	{612, 3.2},
	{404.5, 1.4},
	{2524, 6},
	{912, 3.4},
	{405, 1.4},
	{668, 3.8},
	{523, 2},
	{347.5, 1.6},
	{545, 3.4},
}

// thrown is a cabinet whose goods were thrown together: so many shelves of so many articles each.
func thrown(r *rand.Rand, shelves, articles int) planogram.Planogram {
	p := planogram.Planogram{Goods: map[protocol.SKU]planogram.Good{}}
	order := r.Perm(len(shop))
	for i := range shelves {
		platform := planogram.Platform{
			ID: protocol.PlatformID(fmt.Sprintf("S%d", i+1)), Compartment: 1, Capacity: 40_000_000, Division: 1000,
		}
		for k := range articles {
			n := order[i*articles+k]
			sku := protocol.SKU(fmt.Sprintf("a%02d", n))
			p.Goods[sku] = good(shop[n][0], shop[n][1])
			platform.Goods = append(platform.Goods, planogram.Placement{SKU: sku, Units: 6})
		}
		p.Platforms = append(p.Platforms, platform)
	}
	return p
}
