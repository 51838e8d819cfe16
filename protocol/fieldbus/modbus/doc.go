// Package modbus reads and writes Modbus RTU frames: functions 01 02 03 04 05 06 0F 10 and exceptions, for both sides of
// the line.
//
// A [Request] is what a master asks. The master turns it into bytes with [Request.AppendFrame], learns with
// [Request.ReplyNeed] how long the answer will be, and reads it with [Request.ParseReply]. A board finds requests in the
// bytes that it hears with [ParseRequest] and answers with one of the Append...Reply functions.
//
// Frames are found by their length, never by silence alone, because USB adapters split them. The package does no I/O,
// keeps no state and refuses any frame whose checksum, length or counts do not agree.
package modbus
