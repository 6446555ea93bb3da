// Package importer reads the files of Network UPS Tools and writes the same
// protection as a configuration of ours, with a note on every directive.
//
// The syntax of the files is in package parseconf. One thing is read better
// than NUT does: letters beyond ASCII, which NUT drops, are kept. Scripts are
// read by package script; none is ever run.
package importer
