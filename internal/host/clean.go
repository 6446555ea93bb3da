package host

import (
	"reflect"
	"strings"
	"unicode"
)

// Clean makes a text from outside fit to be shown: what could move a terminal's
// cursor, colour it, change the direction of writing or begin a line of its own
// becomes a blank. Those are the control characters (C0, DEL, C1), the format
// characters, among them those that change the direction (bidi), the line and
// paragraph separators, and what is not UTF-8.
//
// It belongs to the edge at which a text comes in.
func Clean(s string) string {
	if !strings.ContainsFunc(s, unfit) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if unfit(r) {
			return ' '
		}
		return r
	}, s)
}

func unfit(r rune) bool {
	return r == unicode.ReplacementChar || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

// CleanError is an error with a text that is fit to be shown; nil stays nil.
func CleanError(err error) error {
	if err == nil || Clean(err.Error()) == err.Error() {
		return err
	}
	return cleanError{err}
}

// A cleanError is an error with words from outside.
type cleanError struct{ error }

func (e cleanError) Error() string { return Clean(e.error.Error()) }
func (e cleanError) Unwrap() error { return e.error }

// CleanStrings makes every string fit to be shown that v, a pointer, leads to
// through structs, slices, maps and pointers. Fields that are not exported stay.
func CleanStrings(v any) { cleanValue(reflect.ValueOf(v)) }

func cleanValue(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			cleanValue(v.Elem())
		}
	case reflect.String:
		if v.CanSet() {
			v.SetString(Clean(v.String()))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				cleanValue(v.Field(i))
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			cleanValue(v.Index(i))
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			k := reflect.New(key.Type()).Elem()
			k.Set(key)
			cleanValue(k)
			e := reflect.New(v.Type().Elem()).Elem()
			e.Set(v.MapIndex(key))
			cleanValue(e)
			v.SetMapIndex(key, reflect.Value{})
			v.SetMapIndex(k, e)
		}
	}
}
