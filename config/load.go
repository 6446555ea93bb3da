package config

import (
	"fmt"
	"io"
	"reflect"
	"slices"

	"ecnutd/config/strict"

	"ecnutd/internal/input"
)

// maxFile bounds a configuration file, in bytes.
const maxFile = 256 << 10

// Load reads a configuration file. An error is an Errors where the file could
// be read and is wrong. Secrets in a file that others can read are a finding.
func Load(path string) (*Config, []Finding, error) {
	f, err := input.Open(path)
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
	c.file, c.spots = name, map[string]strict.Spot{}
	if len(data) > maxFile {
		return nil, nil, Errors{{File: name, Msg: fmt.Sprintf("the file is longer than %d KiB", maxFile>>10)}}
	}
	root, err := strict.Document(data, name)
	if err != nil {
		return nil, nil, err
	}
	r := &reader{Reader: &strict.Reader{File: name, Spots: c.spots, Choices: choices, Seen: seen}, config: c}
	r.Forms = r
	if root != nil {
		at := strict.Place{Node: root}
		if r.Plain(at) {
			r.Block(at, reflect.ValueOf(c).Elem())
		}
	}
	if _, given := c.spots[waitKey]; !given {
		c.KillPower.WaitThenReboot = c.defaultWait()
	}
	v := &validator{config: c, errs: r.Errs, unread: len(r.Errs) > 0, unreadable: slices.Clone(r.Errs)}
	v.validate()
	if len(v.errs) > 0 {
		sortByPlace(v.errs)
		return nil, nil, v.errs
	}
	sortByPlace(v.findings)
	return c, v.findings, nil
}
