// Package shopper is the people before a simulated cabinet: scripted ones, who do what they are told and say what they
// could not do, and residents, who come as they like.
//
// They reach the cabinet with their hands only. How a visit is bought is none of their business here.
package shopper
