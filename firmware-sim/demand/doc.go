// Package demand is what a neighbourhood would like to buy from its cabinets, hour by hour, whether or not it is there. It
// follows from a seed: whoever asks twice, in whatever order, hears the same. It imports nothing of ours but protocol, and
// nothing in it is made to suit a forecast.
//
// What is known of convenience stores, and held to here: three peaks a day, of which breakfast (7 to 9) has 20 to 25 % of the
// sales, noon (11 to 14) 25 to 30 % and the evening (17 to 20) some 20 % where people work, while around homes the evening and
// the hours after 22 o'clock weigh more, and a store that is open all night sells a quarter to a third of its day between 23
// and 7 o'clock (operators' figures for JD, Today and 7-Eleven stores in China); coffee and bread sell in the morning, meals
// at noon, beer, snacks and noodles at night; cold drinks follow the temperature; most articles of a store sell seldom, and
// their counts vary more than Poisson's (the M5 competition's data of 30,490 articles). How strong each of these is differs
// by seed. What nobody tells the forecast are promotions, what happens around one cabinet, the weather, and the days' own
// chance.
//
// What is simpler than life: nobody buys another article because theirs is sold out, and prices move nothing but by
// promotions.
package demand
