package strict

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)`)

// syntaxError rewrites an error of the YAML library, which names a line at
// best. The usual causes are found by looking: letters that are not UTF-8, a tab, a
// colon in a text without quotes.
func syntaxError(err error, data []byte, name string) Errors {
	line, text := 0, strings.ReplaceAll(err.Error(), "\n", " ")
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1])
		text = m[2]
	}
	for i, l := range strings.Split(string(data), "\n") {
		if column := notUTF8(l); column > 0 {
			return Errors{{name, i + 1, column, "", "a letter that is not UTF-8, as editors set to Latin-1 write it: save the file as UTF-8 (iconv -f latin1 -t utf-8)"}}
		}
	}
	for i, l := range strings.Split(string(data), "\n") {
		if line > 0 && (i+1 < line-1 || i+1 > line+1) {
			continue
		}
		rest := strings.TrimLeft(l, " ")
		if strings.HasPrefix(rest, "\t") {
			return Errors{{name, i + 1, len(l) - len(rest) + 1, "", "a tab indents this line: YAML takes blanks only"}}
		}
		if column, value := unquoted(l); column > 0 {
			return Errors{{name, i + 1, column, "", fmt.Sprintf("put the text in quotes, since it has signs that YAML reads: %q", Shorten(value))}}
		}
	}
	return Errors{{name, line, 0, "", "not YAML: " + text}}
}

// notUTF8 is the column of the first letter of a line that is not UTF-8; 0 where
// all are.
func notUTF8(line string) int {
	column := 0
	for _, c := range line {
		column++
		if c == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(line[byteAt(line, column-1):]); size == 1 {
				return column
			}
		}
	}
	return 0
}

// byteAt is where the letter of a number begins, from 0.
func byteAt(line string, letter int) int {
	n := 0
	for i := range line {
		if n == letter {
			return i
		}
		n++
	}
	return len(line)
}

// value is a key and what stands after it: on a line of its own, or within braces.
var (
	blockValue = regexp.MustCompile(`^[ ]*(?:- )*[\w.-]+:[ ]+(.*)$`)
	flowValue  = regexp.MustCompile(`[{,][ ]*[\w.-]+:[ ]+([^"'{}\[\],](?:[^{}\[\],]|\{\{[^{}]*\}\})*)`)
)

// unquoted finds a text on a line that YAML cannot take without quotes: its column
// from 1 and the text; 0 where there is none.
func unquoted(line string) (column int, text string) {
	positions := flowValue.FindAllStringSubmatchIndex(line, -1)
	flows := len(positions)
	if m := blockValue.FindStringSubmatchIndex(line); m != nil {
		positions = append(positions, m)
	}
	for i, m := range positions {
		value, _, _ := strings.Cut(line[m[2]:m[3]], " #")
		value = strings.TrimRight(value, " ")
		template := strings.HasPrefix(value, "{{")
		if value == "" || !template && strings.ContainsRune("\"'{[|>", rune(value[0])) {
			continue
		}
		if template || i < flows && strings.Contains(value, "{{") || strings.Contains(value, ": ") || strings.HasSuffix(value, ":") || strings.ContainsRune("@`%*&!", rune(value[0])) {
			return utf8.RuneCountInString(line[:m[2]]) + 1, value
		}
	}
	return 0, ""
}
