// Package forecast expects what will be wanted of an article in a cabinet, hour by hour, and says how sure it is.
//
// It holds rules only: sales go in, a day at a time, and outlooks come out. It reads no clock and no database, knows no
// stock, and decides nothing: what to send where is for others to plan.
//
// # The model
//
// What is expected in an hour is a product: the article's rate in an ordinary cabinet of the chain, the level of the store's
// cabinets, of this cabinet, of its taste for the category, and of this article in it; how the hours of the week differ, in
// the chain, by category, and in parts of the day by cabinet and by article; what kind of day the calendar makes it; and how
// these days differ from what is usual, for the category, for the article and for the cabinet.
//
// Each factor is a level: units sold against units expected, both forgotten exponentially, with a gamma prior of mean 1. Its
// posterior mean (k + sold) / (k + expected) is near 1 while little is known, so a new cabinet is like its store's others, a
// slow article is like its category, and a new article begins at the rate of those like it in category, price and need. A
// day's surprise is settled level after level, each held to what is left by those before it.
//
// Hours in which an article could not be bought count neither as sold nor as expected: they are no observation. The hour in
// which a stock ends counts until then; for a Poisson process that is unbiased, because stopping depends on nothing later.
//
// The number wanted within a time is negative binomial: gamma doubt of the rate, Poisson arrivals, and shoppers who take
// more than one; how far days stray is learned from the model's own past errors. Medians of slow articles are often 0, and
// their upper quantiles are honest: the whole distribution is kept, not a point with an interval.
//
// What these days bring fades with a half-life of a week. The year's season is followed by the levels, not foreseen; nights
// are hours like others; holidays come from a list, and the first of a kind is expected to be like a Sunday.
//
// # Where it comes from
//
// Exponential forgetting of gamma-Poisson counts: Harvey and Fernandes, Time Series Models for Count or Qualitative
// Observations (1989); West and Harrison, Bayesian Forecasting and Dynamic Models (discount factors). Intermittent demand is
// usually met with Croston's method (1972) or that of Teunter, Syntetos and Babai (2011), which smooth the size of a demand
// and how often there is one, and give a mean without a distribution; here both come out of one rate that borrows from its
// neighbours. The M5 competition (Makridakis, Spiliotis and Assimakopoulos, 2022), on 30,490 series of a retailer's units of
// which most were intermittent, was won by methods that learned across series, and was scored in its second track by the
// pinball loss of quantiles, as Trial does here.
package forecast
