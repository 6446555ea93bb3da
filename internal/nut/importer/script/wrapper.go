package script

import (
	"slices"
	"strings"

	"ecnutd/internal/nut/importer/script/condition"
	"ecnutd/internal/nut/importer/script/order"
	"ecnutd/internal/nut/importer/script/shelltext"
)

// shells run the text that stands behind -c, or what they read.
var shells = []string{"sh", "bash", "dash", "ash", "ksh", "zsh", "rbash"}

// wrapper runs what a command is only a cover of.
func (r *runner) wrapper(s *state, name string, args []value, at Pos, wrapped int) (*state, bool) {
	if slices.Contains(shells, name) {
		return r.shell(s, args, at), true
	}
	switch name {
	case "su":
		for i, a := range args {
			if (a.text == "-c" || a.text == "--command") && i+1 < len(args) {
				return r.process(s, args[i+1], at), true
			}
		}
		return s, false
	case "at", "batch":
		r.later(s, args, at)
		return s, true
	case "systemd-run":
		return r.systemdRun(s, args, at, wrapped), true
	case "xargs":
		rest := options(args, []string{"-I", "-n", "-P", "-L", "-d", "-a"})
		if len(rest) == 0 || !r.more(1) {
			return s, false
		}
		return r.fork(s, condition.On(at), func(s *state) *state { return r.words(s, rest, at, wrapped+1) }, nil), true
	}
	w, ok := order.Wrappings[name]
	if !ok {
		return s, false
	}
	rest := options(args, w.With)
	if name == "command" && len(args) > 0 && (args[0].text == "-v" || args[0].text == "-V") || len(rest) < w.Skip {
		return s, true
	}
	rest = rest[w.Skip:]
	for w.First && len(rest) > 0 && strings.Contains(rest[0].text, "=") {
		rest = rest[1:]
	}
	if name == "nice" && len(rest) > 0 && strings.HasPrefix(rest[0].text, "-") {
		rest = rest[1:]
	}
	if len(rest) == 0 {
		return s, true
	}
	s = r.words(s, rest, at, wrapped+1)
	if s != nil && name == "exec" {
		return r.leave(s, "exit"), true
	}
	return s, true
}

// options are the words behind the options.
func options(args []value, with []string) []value {
	for len(args) > 0 {
		text := args[0].text
		switch {
		case text == "--":
			return args[1:]
		case !strings.HasPrefix(text, "-") || text == "-":
			return args
		case slices.Contains(with, text):
			args = args[min(2, len(args)):]
		default:
			args = args[1:]
		}
	}
	return nil
}

// shell is sh -c TEXT, sh FILE ARGUMENT…, or a shell that reads its commands.
func (r *runner) shell(s *state, args []value, at Pos) *state {
	for i, a := range args {
		switch {
		case strings.HasPrefix(a.text, "-") && !strings.HasPrefix(a.text, "--") && strings.HasSuffix(a.text, "c") && i+1 < len(args):
			return r.process(s, args[i+1], at)
		case a.text == "-s":
			return r.process(s, s.in, at)
		case strings.HasPrefix(a.text, "-") || strings.HasPrefix(a.text, "+"):
		default:
			r.program(s, args[i:], at)
			return s
		}
	}
	if s.in.text != "" || len(s.in.unread) > 0 {
		return r.process(s, s.in, at)
	}
	return s
}

// process runs a text in a shell of its own.
func (r *runner) process(s *state, v value, at Pos) *state {
	sub := s.clone()
	f := &frame{}
	r.frames = append(r.frames, f)
	r.more(len(s.vars))
	end := r.text(sub, v, at)
	r.frames = r.frames[:len(r.frames)-1]
	for _, one := range f.ends {
		end = merge(end, one)
	}
	if end != nil {
		s.waited(end)
		s.status = end.status
	}
	return s
}

// later is at: what it reads is run at a time that only it can tell.
func (r *runner) later(s *state, args []value, at Pos) {
	s.status = condition.Always
	other := s.clone()
	wait, known := shelltext.Later(joined(args).text)
	if known {
		other.after, other.upTo = other.after+wait, other.upTo+wait
	} else {
		other.vague = true
	}
	for i, a := range args {
		if a.text == "-f" && i+1 < len(args) {
			r.program(other, args[i+1:i+2], at)
			return
		}
	}
	r.process(other, s.in, at)
}

// systemdRun is systemd-run [--on-active=TIME] COMMAND.
func (r *runner) systemdRun(s *state, args []value, at Pos, wrapped int) *state {
	other := s.clone()
	for i, a := range args {
		text, has := strings.CutPrefix(a.text, "--on-active=")
		if a.text == "--on-active" && i+1 < len(args) {
			text, has = args[i+1].text, true
		}
		if has {
			d, ok := shelltext.Duration(strings.ReplaceAll(strings.ReplaceAll(text, " ", ""), "min", "m"))
			other.after, other.upTo, other.vague = other.after+d, other.upTo+d, other.vague || !ok
		} else if strings.HasPrefix(a.text, "--on-") {
			other.vague = true
		}
	}
	rest := options(args, []string{"-u", "-p", "-M", "-H", "--unit", "--property", "--on-active", "--description", "--uid", "--gid"})
	r.more(len(s.vars))
	r.words(other, rest, at, wrapped+1)
	s.status = condition.Always
	return s
}
