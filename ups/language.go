package ups

// A Language is one that messages and decisions are told in.
type Language string

// The languages.
const (
	English Language = "en"
	French  Language = "fr"
)

// Languages are all of them.
var Languages = []Language{English, French}
