package script

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"ecnutd/internal/nut/importer/script/shelltext"
)

// MaxScript bounds a script that is read, in bytes.
const MaxScript = 64 << 10

// maxBrackets bounds the brackets of a script: parsing them goes as deep as
// they are nested.
const maxBrackets = 8000

// A Script is a shell script.
type Script struct {
	name string
	file *syntax.File
}

// ErrNotShell is the reason why a script of another language is not read.
var ErrNotShell = errors.New("it is not a shell script")

// Read takes a shell script apart; name is what positions call it.
func Read(data []byte, name string) (*Script, error) {
	if len(data) > MaxScript {
		return nil, fmt.Errorf("it is longer than %d KiB", MaxScript>>10)
	}
	first, _, _ := strings.Cut(string(data), "\n")
	if strings.HasPrefix(first, "#!") && !shellName().MatchString(first) || bytes.IndexByte(data, 0) >= 0 {
		return nil, ErrNotShell
	}
	file, err := parse(strings.ReplaceAll(string(data), "\r\n", "\n"))
	if err != nil {
		return nil, err
	}
	return &Script{name, file}, nil
}

var shellName = shelltext.Compiled(`\b(sh|bash|dash|ash|ksh|zsh)\b`)

// parse reads shell text as bash does or, where that fails, as POSIX has it.
func parse(text string) (file *syntax.File, err error) {
	if strings.Count(text, "(")+strings.Count(text, "{") > maxBrackets {
		return nil, errors.New("it has too many brackets")
	}
	defer func() {
		if recover() != nil {
			file, err = nil, errors.New("it cannot be parsed")
		}
	}()
	for _, lang := range []syntax.LangVariant{syntax.LangBash, syntax.LangPOSIX} {
		var failed error
		if file, failed = syntax.NewParser(syntax.Variant(lang)).Parse(strings.NewReader(text), ""); failed == nil {
			return file, nil
		}
		if err == nil {
			err = syntaxError(failed)
		}
	}
	return nil, err
}

// syntaxError says where a script breaks off, and nothing of what is in it.
func syntaxError(err error) error {
	var p syntax.ParseError
	if errors.As(err, &p) {
		return fmt.Errorf("a shell would stumble at its line %d", p.Pos.Line())
	}
	return errors.New("a shell would stumble over it")
}
