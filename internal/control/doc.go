// Package control is what goes over the control socket of the daemon: HTTP with
// JSON on a Unix socket. One table (table.go) has every request with its path,
// who may make it, what it carries and what is answered. Client makes the
// requests, Serve answers them by a Backend, which the daemon is.
//
// Whoever may open the socket may look: root, the daemon's user and its group.
// Only root and the daemon's user may act; the kernel says who they are.
//
// What is wrong is always answered: with a status of HTTP that is not 200, and
// a Refusal that has a sentence and the name of a sentinel. Every answer has
// the Version of what is spoken in its header.
package control

// Version is that of what is spoken. It grows when an older client would
// misunderstand a newer daemon; what is only added does not change it.
const Version = 1

// VersionHeader has the version in every answer.
const VersionHeader = "Ecnutd-Control-Version"
