// Package script reads shell scripts that NUT calls, and says what they would
// do: which messages they send, which orders they give, how long after the
// call, and on which conditions. Nothing is ever run.
//
// A script is parsed into a syntax tree and followed once for each way in which
// it is called: with these arguments, for this event, in this state of the UPS.
// What is known then (the name that upssched hands over, $NOTIFYTYPE, variables
// that the script sets itself) decides conditions. What is not known (the charge
// at that time, a file, the hour) parts the way, and stays with everything that
// is done behind it as its condition. So nothing that hangs on a condition ever
// looks as if it were always done.
//
// The files are those of strangers: size, depth, steps, texts and effects are
// bounded, and where a bound is met the outcome says so (Outcome.Lost).
package script
