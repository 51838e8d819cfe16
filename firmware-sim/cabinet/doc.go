// Package cabinet puts boards and matter together: one simulated cabinet behind one serial line, with people and faults
// that reach it from the other side.
//
// Whoever masters the line learns of the matter only through the boards. It refuses to keep time: times are passed in.
package cabinet
