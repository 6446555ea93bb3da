// Package document builds the YAML that an import writes: blocks whose values
// have the place that they come from behind them.
package document

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"gopkg.in/yaml.v3"

	"ecnutd/config"
)

// A Block is one in the making.
type Block struct{ Node *yaml.Node }

// New is an empty block.
func New() Block { return Block{&yaml.Node{Kind: yaml.MappingNode}} }

// Empty reports whether nothing is in it.
func (b Block) Empty() bool { return len(b.Node.Content) == 0 }

// Put adds a key with the place where it comes from.
func (b Block) Put(key string, value *yaml.Node, from string) {
	k := &yaml.Node{Kind: yaml.ScalarNode, Value: key}
	if from = OneLine(from); from != "" {
		if value.Kind == yaml.ScalarNode {
			value.LineComment = "# " + from
		} else {
			k.HeadComment = "# " + from
		}
	}
	b.Node.Content = append(b.Node.Content, k, value)
}

// OneLine keeps a comment from ending early.
func OneLine(s string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f || c == 0x85 || c == 0x2028 || c == 0x2029 || c == 0xFEFF {
			return ' '
		}
		return c
	}, s)
}

// Plain is a value that needs no quotes: a number, a duration, a word.
func Plain(s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Value: s} }

// Text is a text in quotes.
func Text(s string) *yaml.Node {
	s = strings.Map(func(c rune) rune {
		if c < ' ' && c != '\n' && c != '\t' || c >= 0x7f && c < 0xa0 {
			return -1
		}
		return c
	}, strings.ToValidUTF8(s, ""))
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s, Style: yaml.DoubleQuotedStyle}
}

// Truth is true or false.
func Truth(b bool) *yaml.Node { return Plain(strconv.FormatBool(b)) }

// List is a list on one line.
func List(items ...*yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle, Content: items}
}

// Value is the value of a setting.
func Value(value any) *yaml.Node {
	switch v := value.(type) {
	case time.Duration:
		return Plain(config.FormatDuration(v))
	case bool:
		return Truth(v)
	case int:
		return Plain(strconv.Itoa(v))
	case config.LinkLost:
		return Plain("strict")
	case config.Command:
		if v.Shell != "" {
			b := New()
			b.Node.Style = yaml.FlowStyle
			b.Put("shell", Text(v.Shell), "")
			return b.Node
		}
		return Plain(strings.Join(v.Argv, " "))
	case string:
		if n := Plain(v); simple().MatchString(v) && n.ShortTag() == "!!str" {
			return n
		}
		return Text(v)
	}
	return Text(fmt.Sprint(value))
}

// simple texts mean the same with and without quotes.
var simple = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^([a-z/][a-z0-9/._-]*|[0-9]+%)$`) })

// OneOrList is a list, or its only member.
func OneOrList(items []*yaml.Node) *yaml.Node {
	if len(items) == 1 {
		return items[0]
	}
	return List(items...)
}

// Args is a list of texts.
func Args(args []string) *yaml.Node {
	var items []*yaml.Node
	for _, a := range args {
		items = append(items, Value(a))
	}
	return List(items...)
}

// Name is the name of a timer.
func Name(name string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: name}
}

// Encode writes a block as a file that begins with header.
func (b Block) Encode(header string) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString(header)
	e := yaml.NewEncoder(&out)
	e.SetIndent(2)
	if err := e.Encode(b.Node); err != nil {
		return nil, fmt.Errorf("cannot write the import: %w", err)
	}
	// An empty line before and after each block, for the eye.
	text := blockStart().ReplaceAll(out.Bytes(), []byte("\n\n$1"))
	return blockEnd().ReplaceAll(text, []byte("$1\n\n$2")), nil
}

var (
	blockStart = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\n([a-z_]+:\n)`) })
	blockEnd   = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(\n [^\n]*)\n([a-z_]+: )`) })
)

// Starts are the timers that a reaction starts.
func Starts(starts []config.Start) *yaml.Node {
	var items []*yaml.Node
	for _, s := range starts {
		if s.After == 0 {
			items = append(items, Name(s.Timer))
			continue
		}
		b := New()
		b.Node.Style = yaml.FlowStyle
		b.Put("timer", Name(s.Timer), "")
		b.Put("after", Plain(config.FormatDuration(s.After)), "")
		items = append(items, b.Node)
	}
	return OneOrList(items)
}
