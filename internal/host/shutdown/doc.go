// Package shutdown takes this host down: the power down flag and the order as
// files, the helper that carries an order out as root, and how the command of
// the configuration is run.
//
// The daemon has no rights. When it decides that the host goes down it writes
// the flag, which has the UPS cut its output at the end, and gives an order at a
// socket of systemd (ecnutd-shutdown.socket), or as a file, which
// ecnutd-shutdown.path sees; their service runs the Helper. That runs
// the command, asks systemd whether a shutdown is pending, and says what it
// knows in a Status, so that a host that survives its shutdown is watched on.
package shutdown
