// Package web renders the pages of residents and staff on the server: plain HTML first, one small script that only
// makes it livelier. Every page works with script off as far as the receipt. It decides nothing: visits, cabinets and
// people are asked through package cloud's interfaces, and it refuses to hold SQL, MQTT, prices of its own or text that
// is not in the one table of both languages.
package web
