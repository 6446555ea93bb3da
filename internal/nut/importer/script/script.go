package script

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// MaxScript bounds a script that is read, in bytes.
const MaxScript = 64 << 10

// A Script is a shell script that upssched calls with a name (CMDSCRIPT).
type Script struct {
	before, after []command // around the case statement
	branches      []branch
	functions     map[string][]command
}

// A branch is one of the case statement on the first argument.
type branch struct {
	line     int
	patterns []string
	commands []command
}

// A command is one of a script, without its redirections.
type command struct {
	line    int
	assigns []assign
	words   []word
}

type assign struct {
	name  string
	value word
	line  int
}

// The reasons why a script cannot be read out.
var (
	ErrNotShell = errors.New("it is not a shell script")
	ErrNoCase   = errors.New("it has no case statement on its first argument")
)

// ReadScript takes a shell script apart.
func ReadScript(data []byte) (*Script, error) {
	if len(data) > MaxScript {
		return nil, fmt.Errorf("it is longer than %d KiB", MaxScript>>10)
	}
	first, _, _ := strings.Cut(string(data), "\n")
	if strings.HasPrefix(first, "#!") && !shellName.MatchString(first) || bytes.IndexByte(data, 0) >= 0 {
		return nil, ErrNotShell
	}
	p := &parser{tokens: tokens(strings.ReplaceAll(string(data), "\r\n", "\n"), 1), arguments: map[string]bool{"1": true}, functions: map[string][]command{}}
	s := &Script{functions: p.functions}
	p.commands(&s.before, s, "")
	if s.branches == nil {
		return nil, ErrNoCase
	}
	return s, nil
}

var shellName = regexp.MustCompile(`\b(sh|bash|dash|ash|ksh|zsh)\b`)

// Names are the names that the script has a branch for, patterns left out.
func (s *Script) Names() []string {
	var names []string
	for _, b := range s.branches {
		for _, p := range b.patterns {
			if !strings.ContainsAny(p, "*?[") {
				names = append(names, p)
			}
		}
	}
	return names
}

// find is the branch that the shell would take for a name.
func (s *Script) find(name string) *branch {
	for i := range s.branches {
		for _, p := range s.branches[i].patterns {
			if ok, err := path.Match(p, name); ok && err == nil || p == name || p == "*" {
				return &s.branches[i]
			}
		}
	}
	return nil
}

type parser struct {
	tokens    []token
	at        int
	depth     int
	arguments map[string]bool // variables that hold the first argument
	functions map[string][]command
}

// maxDepth bounds statements and substitutions inside each other.
const maxDepth = 50

func (p *parser) more() bool { return p.at < len(p.tokens) }

// commands reads commands up to the end of the text or, where end is given, up
// to that keyword or to the end of a branch. The first case statement on the
// first argument goes into script, and what follows it into script.after.
func (p *parser) commands(into *[]command, script *Script, end string) {
	p.depth++
	defer func() { p.depth-- }()
	now := command{}
	flush := func() {
		if len(now.assigns) > 0 || len(now.words) > 0 {
			*into = append(*into, now)
			for _, a := range now.assigns {
				if len(a.value.parts) == 1 && a.value.parts[0].kind == variable && p.arguments[a.value.parts[0].text] {
					p.arguments[a.name] = true
				}
			}
		}
		now = command{}
	}
	defer func() { flush() }()
	for p.more() {
		t := p.tokens[p.at]
		if t.operator != "" {
			if strings.HasPrefix(t.operator, ";;") || t.operator == ";&" {
				if end != "" {
					return
				}
			}
			p.at++
			if strings.ContainsAny(t.operator, "<>") {
				p.at++ // the file
				continue
			}
			flush()
			continue
		}
		if len(now.words) == 0 && len(now.assigns) == 0 {
			switch k := t.word.keyword(); {
			case k == end && k != "":
				return
			case k == "case":
				if p.caseStatement(into, script) && script != nil {
					into = &script.after
				}
				continue
			case k == "{" && p.depth < maxDepth:
				p.at++
				p.commands(into, script, "}")
				p.at++
				if script != nil && script.branches != nil {
					into = &script.after
				}
				continue
			case p.function():
				continue
			case slices.Contains(reserved, k):
				p.at++
				continue
			}
		}
		p.at++
		if a, ok := assignment(t); ok && (len(now.words) == 0 || declares(now.words[0])) {
			if len(now.assigns) == 0 && len(now.words) == 0 {
				now.line = t.line
			}
			now.assigns = append(now.assigns, a)
			continue
		}
		if len(now.words) == 0 {
			now.line = t.line
		}
		now.words = append(now.words, t.word)
	}
}

// function reads the definition of a function, if one begins here.
func (p *parser) function() bool {
	next := func(i int) token {
		if p.at+i < len(p.tokens) {
			return p.tokens[p.at+i]
		}
		return token{operator: "\n"}
	}
	at, name := 0, next(0).word.keyword()
	if name == "function" {
		at, name = 1, next(1).word.keyword()
	}
	parens := next(at+1).operator == "(" && next(at+2).operator == ")"
	if name == "" || at == 0 && !parens || p.depth >= maxDepth {
		return false
	}
	if at++; parens {
		at += 2
	}
	for p.at+at < len(p.tokens) && next(at).operator == "\n" {
		at++
	}
	if next(at).word.keyword() != "{" {
		return false
	}
	p.at += at + 1
	var body []command
	p.commands(&body, nil, "}")
	p.at++
	p.functions[name] = body
	return true
}

// reserved words begin or go on with a statement; the commands behind them
// are read as if they were always run.
var reserved = []string{"if", "then", "else", "elif", "fi", "while", "until", "do", "done", "for", "select", "{", "}", "!", "time"}

func declares(w word) bool {
	return slices.Contains([]string{"export", "local", "readonly", "declare", "typeset"}, w.plain())
}

var assignStart = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*\+?=`)

// assignment reads NAME=value.
func assignment(t token) (assign, bool) {
	if len(t.word.parts) == 0 || t.word.parts[0].kind != literal {
		return assign{}, false
	}
	first := t.word.parts[0].text
	start := assignStart.FindString(first)
	if start == "" {
		return assign{}, false
	}
	value := word{parts: slices.Clone(t.word.parts)}
	value.parts[0].text = first[len(start):]
	name := strings.TrimSuffix(start, "=")
	if short, ok := strings.CutSuffix(name, "+"); ok {
		value.parts = append([]part{{variable, short}}, value.parts...)
		name = short
	}
	if len(value.parts) > 1 && value.parts[0] == (part{literal, ""}) {
		value.parts = value.parts[1:]
	}
	return assign{name, value, t.line}, true
}

// caseStatement reads case … esac. It tells whether it was the one on the
// first argument; the commands of any other go into into.
func (p *parser) caseStatement(into *[]command, script *Script) bool {
	p.at++
	mine := false
	if p.more() && p.tokens[p.at].operator == "" {
		parts := p.tokens[p.at].word.parts
		parts = slices.DeleteFunc(slices.Clone(parts), func(q part) bool { return q == part{literal, ""} })
		mine = script != nil && script.branches == nil && len(parts) == 1 && parts[0].kind == variable && p.arguments[parts[0].text]
		p.at++
	}
	for p.more() && (p.tokens[p.at].operator == "\n" || p.tokens[p.at].word.keyword() == "in") {
		p.at++
	}
	for p.more() && p.depth < maxDepth {
		t := p.tokens[p.at]
		switch {
		case t.operator == "" && t.word.keyword() == "esac":
			p.at++
			return mine
		case t.operator != "":
			p.at++
			continue
		}
		b := branch{line: t.line}
		for p.more() && p.tokens[p.at].operator != ")" && p.tokens[p.at].operator != "\n" {
			if t := p.tokens[p.at]; t.operator == "" {
				b.patterns = append(b.patterns, t.word.text())
			}
			p.at++
		}
		p.at++
		if mine {
			p.commands(&b.commands, nil, "esac")
			script.branches = append(script.branches, b)
		} else {
			p.commands(into, nil, "esac")
		}
	}
	return mine
}
