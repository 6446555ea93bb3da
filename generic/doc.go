// Package generic has the families for UPSs that are not of Eaton's kind and
// describe themselves by the Power Device Class: one for APC, one for CyberPower,
// and one for any other maker.
//
// What they share is places.go, variables.go and flags.go: the standard usages, at
// all places where makers put them. A row of a maker (apc.go, cyberpower.go) is what
// it has under names or scales of its own, with its source.
//
// Such a unit is read, warns, and shuts its host down. It is never told to cut its
// output, since nobody has shown how its model does that: the one command is the
// beeper's, and no setting is written. A unit is served only where the configuration
// asks for it, by its ids or by generic: true.
package generic
