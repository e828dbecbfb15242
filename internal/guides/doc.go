// Package guides holds no code that ships: its tests run the commands of README.md and of
// docs/guides, as they are printed.
package guides
