// Package strict reads YAML into structs, strictly: a key that is unknown or given
// twice, a second document, an alias, a tag or a value of another kind is an error
// with line, column, path of the key and what to write instead; all errors at once.
package strict

import (
	"bytes"
	"errors"
	"io"

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
