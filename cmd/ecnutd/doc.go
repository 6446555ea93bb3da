// Ecnutd watches an Eaton UPS on USB, and is every command that an
// administrator types about it.
//
// # The command line
//
// Data goes to stdout, talk to stderr, so that a pipe carries data alone. The
// exit code is 0 when the work is done, 1 when it failed, 2 when the command
// line makes no sense, 3 when there is no UPS. Where data is printed, --json
// prints it for programs.
//
// # How a command is added
//
// A command is a function in a file of its own that takes the global flags and
// returns a *cobra.Command; it is entered in the list in root.go. It returns
// its error: main prints it and finds the exit code in it (exit.go). Arguments
// are checked with the functions of args.go, so that a wrong one is wrong
// usage everywhere.
//
// # Where a command finds its UPS
//
// A source (source.go) is the attached UPS, a named node, a simulated UPS or a
// recording, as the flags say. Open gives an hid.Device and the way to its USB
// strings; behind it all four are the same. It may be called again after the
// device was lost.
package main
