// Package server is upsd's part: it answers the clients of NUT (upsc, upsmon,
// Home Assistant, NAS boxes, exporters) over TCP, by the protocol of RFC 9271
// as NUT's own server speaks it.
//
// # What it knows
//
// A View is all that can be asked: the UPSs, their variables, settings and
// commands, at one instant. Whoever owns the state publishes a View; the server
// reads the one published last and never waits for the owner. What a client
// wants done (a command, a setting, a forced shutdown, a login) goes to the
// Backend, which decides.
//
// # A conversation
//
// A session is the protocol without a network: words in, text out. A
// connection has a session, bytes and deadlines around it. Names are found in
// any case and answered as the client typed them; answers are ASCII.
//
// # Who may do what
//
// Anybody who can connect may look. Everything else needs USERNAME and
// PASSWORD, in words that were checked against a User before a byte of the
// request reaches the Backend. Passwords are compared in constant time, and
// wrong ones cost time (see penalties).
//
// # Strangers
//
// A request has a greatest length, a connection an idle limit and a rate, all
// together have a greatest number, and a client that does not read is cut off.
// When all places are taken, a new client takes that of one who has not logged
// in, from the address that has the most.
package server
