package sms

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// A Limit says how much a route takes.
type Limit struct {
	// Length is the longest text of one message, in UTF-16 units: what a phone
	// counts. Letters count 1, most emoji 2.
	Length int
	// Parts is into how many messages a longer text may be split. What is
	// left then is cut off, and the text says so.
	Parts int
}

// DefaultLimit is that of Free Mobile, where clients of others split at 999
// characters as well (the gateway then makes up to seven linked SMS of it).
var DefaultLimit = Limit{Length: 999, Parts: 3}

// orDefault fills in what was left zero. A length under 20 would leave no room
// for part numbers and words.
func (l Limit) orDefault() Limit {
	if l.Length <= 0 {
		l.Length = DefaultLimit.Length
	}
	if l.Parts <= 0 {
		l.Parts = DefaultLimit.Parts
	}
	l.Length, l.Parts = max(l.Length, 20), min(l.Parts, 99)
	return l
}

// cut marks a text whose end was cut off.
const cut = " […]"

// Clean makes a text fit for any route: line breaks of every kind become \n,
// what is not UTF-8 becomes U+FFFD, and control characters, which no phone
// shows and some gateways choke on, are left out. All else stays as it is.
func Clean(text string) string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.ToValidUTF8(text, "\uFFFD"))
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 {
			return -1
		}
		return r
	}, text)
}

// Parts splits a text that is too long into numbered messages, "(1/2) …", at
// words where there are any. A text that fits is returned as it is.
func Parts(text string, limit Limit) []string {
	limit = limit.orDefault()
	if units(text) <= limit.Length {
		return []string{text}
	}
	room := limit.Length - len("(1/2) ")
	if limit.Parts > 9 {
		room = limit.Length - len("(10/20) ")
	}
	var parts []string
	for text != "" {
		if len(parts) == limit.Parts-1 {
			parts = append(parts, shorten(text, room))
			break
		}
		var head string
		head, text = split(text, room)
		parts = append(parts, head)
	}
	if len(parts) == 1 { // one part is all that is allowed: no number then
		return parts
	}
	for i := range parts {
		parts[i] = fmt.Sprintf("(%d/%d) %s", i+1, len(parts), parts[i])
	}
	return parts
}

// shorten cuts a text to a length, at a word, and says so at its end.
func shorten(text string, length int) string {
	if units(text) <= length {
		return text
	}
	head, _ := split(text, length-units(cut))
	return head + cut
}

// split takes off the front as many words as fit into length, or as many
// characters where one word is longer. The one space or line break between
// the two goes.
func split(text string, length int) (head, rest string) {
	end, used := 0, 0
	for end < len(text) {
		r, size := utf8.DecodeRuneInString(text[end:])
		if used += width(r); used > length {
			break
		}
		end += size
	}
	if end == len(text) {
		return text, ""
	}
	end = max(end, 1)
	if text[end] == ' ' || text[end] == '\n' {
		return text[:end], text[end+1:]
	}
	if at := strings.LastIndexAny(text[:end], " \n"); at > 0 {
		return text[:at], text[at+1:]
	}
	return text[:end], text[end:]
}

// units is the length of a text in UTF-16 units.
func units(text string) int {
	n := 0
	for _, r := range text {
		n += width(r)
	}
	return n
}

// width is 2 for a character outside of the basic plane.
func width(r rune) int {
	if r > 0xffff {
		return 2
	}
	return 1
}
