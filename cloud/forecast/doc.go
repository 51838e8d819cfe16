// Package forecast expects what will be wanted of an article in a cabinet, hour by hour, and says how sure it is.
//
// It holds rules only: sales go in, a day at a time, and outlooks come out. It reads no clock and no database, knows no
// stock and no prices of competitors, and decides nothing: what to send where is for others to plan.
package forecast
