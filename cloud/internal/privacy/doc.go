// Package privacy is what residents may know of their data, agree to, take along and have forgotten; and what is removed by
// its age, every day. It refuses to touch the books: they stay, under ids that lead to nobody once their residents are gone.
package privacy
