// Package importtest holds the layer table of docs/architecture.md against the code. It has only a
// test: imports point down, never up and never sideways between engines or between engagements; the
// packages of the foundation import each other in one direction; and nothing below the faces prints
// or ends the process.
package importtest
