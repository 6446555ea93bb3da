// Package host has facts of this host and how a program is run on it: which
// boot this is, how late it is by clocks that nobody sets, who may write a
// file, and what was looked at (Finding). What is done with them has rooms
// below this one: how the host goes down, the last stage of it, what is wrong
// here, and what the package does without a package.
package host

import (
	"os"
	"strings"
)

// BootEnv is the variable in which ecnutd.service has the id of the boot.
const BootEnv = "ECNUTD_BOOT_ID"

// BootID names this boot of the host, as the kernel writes it: with hyphens.
// It is "" where the kernel does not say.
func BootID() string {
	// systemd says it to the service (%b), without the hyphens. Inside the
	// sandbox of the service /proc is another one, which in a container has the
	// id of the machine around it: flags and orders would count for nobody.
	if told := os.Getenv(BootEnv); len(told) == 32 {
		return told[:8] + "-" + told[8:12] + "-" + told[12:16] + "-" + told[16:20] + "-" + told[20:]
	}
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(id))
}

// FirstLine is an error without the advice on further lines.
func FirstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// OneLine keeps a text with line breaks on its line, and cleans it: a journal must
// not be told lines by what comes from outside.
func OneLine(s string) string {
	return Clean(strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == '\r' }), " / "))
}
