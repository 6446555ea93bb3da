package importer

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"ecnutd/config"
	"ecnutd/internal/nut/importer/report"
	"ecnutd/internal/nut/importer/script"
)

// This file has the programs that go on being called.

// Time limits for them. NUT had none.
const (
	leastTimeout = time.Minute
	vagueTimeout = 10 * time.Minute
	mostTimeout  = time.Hour
)

// carry is the program as it is to be called from now on: with what upsmon and
// upssched gave it.
func (m *importer) carry(c circumstances, ran script.Outcome) *config.Exec {
	x := config.NewExec()
	x.Timeout = leastTimeout
	for _, e := range ran.Effects {
		switch {
		case e.Vague:
			x.Timeout = max(x.Timeout, vagueTimeout)
		default:
			x.Timeout = min(max(x.Timeout, e.UpTo+leastTimeout), mostTimeout)
		}
	}
	x.Timeout = x.Timeout.Round(time.Second)
	p := c.program
	if !slices.Contains(p.calls, c.name) {
		p.calls = append(p.calls, c.name)
	}
	for _, e := range ran.Effects {
		if what := fmt.Sprintf("%s (%s:%d)", report.Shorten(e.What), e.At.File, e.At.Line); e.Kind == script.Other && !slices.Contains(p.commands, what) {
			p.commands = append(p.commands, what)
		}
	}
	for _, name := range ran.Uses {
		if !slices.Contains(p.needs, name) {
			p.needs = append(p.needs, name)
		}
	}
	var env []string
	system, _ := m.systemOf(c)
	if system != "{{ups}}" && (p.parsed == nil || p.line != "" || slices.Contains(ran.Uses, "UPSNAME")) && len(m.monitored) > 0 {
		env = append(env, "UPSNAME="+system)
	}
	if slices.Contains(ran.Uses, "NOTIFYMSG") && len(c.args) > 0 && c.program != &m.cmd {
		env = append(env, "NOTIFYMSG="+c.args[len(c.args)-1])
	}
	if len(env) > 0 {
		env = append([]string{"/usr/bin/env"}, env...)
	}
	if p.line != "" {
		x.Command = slices.Concat(env, literalArgs([]string{"/bin/sh", "-c", p.line + ` "$1"`, "sh"}), c.args)
		return &x
	}
	x.Command = slices.Concat(env, literalArgs([]string{p.path}), literalArgs(p.args), c.args)
	return &x
}

// byNUT are programs that go when NUT's packages are purged.
var byNUT = []string{"upsc", "upscmd", "upsrw"}

// carried notes for each program that goes on being called what is different
// for it now.
func (m *importer) carried(p *program, directive string) {
	if len(p.calls) == 0 {
		return
	}
	calls := strings.Join(p.calls[:min(len(p.calls), 12)], ", ")
	text := fmt.Sprintf("%s %s goes on being called (%s), and not as NUT did: as the user ecnutd, without root, sudo, a home or root's keys, and for as long as timeout says, where NUT had no limit", directive, report.Shorten(p.path+p.line), report.Shorten(calls))
	if len(p.commands) > 0 {
		text += "; look whether these can do their work so: " + strings.Join(p.commands[:min(len(p.commands), 8)], ", ")
	}
	m.note(p.d.file, p.d.line, Unsupported, "exec", "%s", text)
	var gone []string
	for _, name := range p.needs {
		if slices.Contains(byNUT, name) {
			gone = append(gone, name)
		}
	}
	if len(gone) > 0 {
		m.note(p.d.file, p.d.line, Unsupported, "", "%s calls %s, which apt purge nut-client takes away: ecnutd dump answers as upsc does, ecnutd command and ecnutd set do the rest", p.name, strings.Join(gone, ", "))
	}
	if packaged(p.path) {
		m.note(p.d.file, p.d.line, Unsupported, "exec", "%s is a file of the package nut-client, and goes with it: copy it to /usr/local/sbin before apt purge, and name it so", report.Shorten(p.path))
	}
	if p.path != "" && m.options.MayRun != nil {
		if why := m.options.MayRun(p.path); why != "" {
			m.note(p.d.file, p.d.line, Unsupported, "exec", "%s: the daemon cannot run it: %s", report.Shorten(p.path), why)
		}
	}
}

// packaged reports whether Debian's package of NUT has put a file there.
func packaged(path string) bool {
	return base(path) == "upssched-cmd" && slices.Contains([]string{"/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/"}, strings.TrimSuffix(path, "upssched-cmd"))
}
