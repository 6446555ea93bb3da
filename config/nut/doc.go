// Package nut reads the files of Network UPS Tools, as far as an import needs
// them: the words of its configuration files, their sections, and the shell
// script that upssched calls. It reads bytes and knows nothing of the meaning
// of a directive; that is the importer's part.
//
// The syntax of the files is in package parseconf. One thing is read better
// than NUT does: letters beyond ASCII, which NUT drops, are kept.
//
// The script is not run. Of a shell script the package understands the case
// statement on the first argument, assignments, and the commands that matter:
// the request to Free Mobile, and the orders that shut the host down.
package nut
