package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// maxFile bounds a configuration file, in bytes.
const maxFile = 256 << 10

// Load reads a configuration file. An error is an Errors where the file could
// be read and is wrong. Secrets in a file that others can read are a finding.
func Load(path string) (*Config, []Finding, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("cannot read the configuration: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, nil, fmt.Errorf("cannot read the configuration: %w", err)
	}
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, nil, fmt.Errorf("cannot read the configuration: %w", err)
	}
	c, findings, err := Parse(data, path)
	if err == nil && info.Mode().Perm()&0o004 != 0 {
		findings = append(findings, c.exposed(info.Mode().Perm())...)
		sortByPlace(findings)
	}
	return c, findings, err
}

// Parse reads the bytes of a configuration file; name is the file's name in
// errors and findings. All errors are told at once, as Errors.
func Parse(data []byte, name string) (*Config, []Finding, error) {
	return parse(data, name, nil)
}

func parse(data []byte, name string, seen func(reflect.Type, string)) (*Config, []Finding, error) {
	c := defaults()
	c.file, c.spots = name, map[string]spot{}
	if len(data) > maxFile {
		return nil, nil, Errors{{File: name, Msg: fmt.Sprintf("the file is longer than %d KiB", maxFile>>10)}}
	}
	root, err := document(data, name)
	if err != nil {
		return nil, nil, err
	}
	r := &reader{config: c, seen: seen}
	if root != nil {
		at := place{node: root}
		if r.plain(at) {
			r.block(at, reflect.ValueOf(c).Elem())
		}
	}
	if _, given := c.spots[waitKey]; !given {
		c.KillPower.WaitThenReboot = c.defaultWait()
	}
	v := &validator{config: c, errs: r.errs, unread: len(r.errs) > 0}
	v.validate()
	if len(v.errs) > 0 {
		sortByPlace(v.errs)
		return nil, nil, v.errs
	}
	sortByPlace(v.findings)
	return c, v.findings, nil
}

// document is the root of the one document of a file; nil for an empty file.
func document(data []byte, name string) (*yaml.Node, error) {
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
