// Package config reads the YAML file of one cabinet: which boards hang on which line, which cloud it belongs to and whose
// signatures it believes. Unknown fields are refused, and an error names the file, the line and what was expected.
//
// What the chain decides, such as goods, prices and limits, is not here: that is the desired state, which the cloud signs.
package config
