// Package strict reads YAML into structs, strictly: a key that is unknown or given
// twice, a second document, an alias, a tag or a value of another kind is an error
// with line, column, path of the key and what to write instead; all errors at once.
package strict

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// Document is the root of the one document of a file; nil for an empty file.
func Document(data []byte, name string) (*yaml.Node, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var doc, second yaml.Node
	switch err := decoder.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil:
		return nil, syntaxError(err, data, name)
	}
	switch err := decoder.Decode(&second); {
	case err == nil:
		return nil, Errors{{name, second.Line, max(second.Column, 1), "", "a second document begins here (---): one file holds one"}}
	case !errors.Is(err, io.EOF):
		return nil, syntaxError(err, data, name)
	}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) != 1 {
		return nil, nil
	}
	return doc.Content[0], nil
}

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)`)

// syntaxError rewrites an error of the YAML library, which names a line at
// best. The usual cause, a tab, is found by looking.
func syntaxError(err error, data []byte, name string) Errors {
	line, text := 0, strings.ReplaceAll(err.Error(), "\n", " ")
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1])
		text = m[2]
	}
	for i, l := range strings.Split(string(data), "\n") {
		rest := strings.TrimLeft(l, " ")
		if strings.HasPrefix(rest, "\t") && (line == 0 || i+1 >= line-1 && i+1 <= line+1) {
			return Errors{{name, i + 1, len(l) - len(rest) + 1, "", "a tab indents this line: YAML takes blanks only"}}
		}
	}
	return Errors{{name, line, 0, "", "not YAML: " + text}}
}
