// Package agent wires one cabinet together and is the only public door of this side: [New] makes an agent from its file,
// Run lives until its context ends.
//
// One goroutine, the loop, owns the doors, the desired state and what is sold; everything else hands it work. The agent
// holds no globals and reads time from package time alone, so that a whole cabinet runs in a synctest bubble.
package agent
