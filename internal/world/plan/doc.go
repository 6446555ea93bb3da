// Package plan draws worlds: all that goes wrong in one, from its seed.
//
// A Plan is a value. The same seed draws the same one, each part of it from a stream
// of its own, and Shrink leaves incidents out of one that breaks a promise. What an
// incident does is said by package world, which plays it.
//
// Kinds of worlds are rows of a table, each with its share of all seeds: mixes of
// faults, and those by which hosts were lost.
package plan
