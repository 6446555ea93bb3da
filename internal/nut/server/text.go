package server

import "strings"

// The errors of RFC 9271, as they go over the wire.
const (
	errAccess        = "ERR ACCESS-DENIED"
	errUnknownUPS    = "ERR UNKNOWN-UPS"
	errNoVariable    = "ERR VAR-NOT-SUPPORTED"
	errNoCommand     = "ERR CMD-NOT-SUPPORTED"
	errArgument      = "ERR INVALID-ARGUMENT"
	errCommandFailed = "ERR INSTCMD-FAILED"
	errSetFailed     = "ERR SET-FAILED"
	errReadOnly      = "ERR READONLY"
	errTooLong       = "ERR TOO-LONG"
	errNotConfigured = "ERR FEATURE-NOT-CONFIGURED"
	errAlreadyTLS    = "ERR ALREADY-SSL-MODE"
	errNotConnected  = "ERR DRIVER-NOT-CONNECTED"
	errStale         = "ERR DATA-STALE"
	errLoggedIn      = "ERR ALREADY-LOGGED-IN"
	errPasswordSet   = "ERR ALREADY-SET-PASSWORD"
	errUserSet       = "ERR ALREADY-SET-USERNAME"
	errUserNeeded    = "ERR USERNAME-REQUIRED"
	errPasswordNeed  = "ERR PASSWORD-REQUIRED"
	errUnknown       = "ERR UNKNOWN-COMMAND"
	errValue         = "ERR INVALID-VALUE"
)

// quoted is a value between double quotes, quotes and backslashes escaped.
func quoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range []byte(ascii(s)) {
		if c == '"' || c == '\\' {
			b.WriteByte('\\')
		}
		b.WriteByte(c)
	}
	b.WriteByte('"')
	return b.String()
}

// plain are the letters of Western Europe without their marks.
var plain = strings.NewReplacer(
	"à", "a", "â", "a", "ä", "a", "á", "a", "ã", "a", "å", "a", "æ", "ae", "ç", "c", "è", "e", "é", "e", "ê", "e", "ë", "e",
	"î", "i", "ï", "i", "ì", "i", "í", "i", "ñ", "n", "ô", "o", "ö", "o", "ò", "o", "ó", "o", "õ", "o", "ø", "o", "œ", "oe",
	"ù", "u", "û", "u", "ü", "u", "ú", "u", "ÿ", "y", "ý", "y", "ß", "ss",
	"À", "A", "Â", "A", "Ä", "A", "Á", "A", "Ã", "A", "Å", "A", "Æ", "AE", "Ç", "C", "È", "E", "É", "E", "Ê", "E", "Ë", "E",
	"Î", "I", "Ï", "I", "Ì", "I", "Í", "I", "Ñ", "N", "Ô", "O", "Ö", "O", "Ò", "O", "Ó", "O", "Õ", "O", "Ø", "O", "Œ", "OE",
	"Ù", "U", "Û", "U", "Ü", "U", "Ú", "U", "Ÿ", "Y", "Ý", "Y", "’", "'", "‘", "'", "«", "'", "»", "'", "–", "-", "—", "-", "\u00a0", " ",
)

// ascii is a text in printable ASCII, the only characters of the protocol.
// What has no likeness there becomes a question mark.
func ascii(s string) string {
	if isPlain(s) {
		return s
	}
	return strings.Map(func(c rune) rune {
		if c < ' ' || c > '~' {
			return '?'
		}
		return c
	}, plain.Replace(s))
}

func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// printable drops all bytes of a word that are no printable ASCII, as upsd
// does.
func printable(s string) string {
	if isPlain(s) {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := range len(s) {
		if s[i] >= ' ' && s[i] <= '~' {
			b = append(b, s[i])
		}
	}
	return string(b)
}
