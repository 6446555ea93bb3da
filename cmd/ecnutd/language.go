package main

import (
	"os"

	"ecnutd/internal/texts/catalogue"
	"ecnutd/ups"
)

// person is the language of whoever runs this command. What is sent or logged goes
// by the configuration.
func person() ups.Language { return catalogue.Language(os.Getenv) }

// say is a text in that language, with its arguments as fmt.Sprintf has them.
func say(format string, args ...any) string { return catalogue.Say(person(), format, args...) }
