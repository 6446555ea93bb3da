// Package config reads the configuration: one YAML file becomes a Config, whose
// values are words and numbers of the file's own. What they mean to the monitor,
// to the server of the network or to a route is said by those who use them;
// config stands on none of them. config.example.yaml beside it is the manual of
// the file.
//
// # Reading
//
// The keys are the tags of the fields of Config (see keys.go); what a type
// looks like in the file is in read.go and, where there are several forms, in
// forms.go. Reading is strict, and goes on after an error: whoever edits the
// file gets all errors at once, each with line, column, key and the nearest
// right word. YAML's own luxuries (aliases, anchors, tags, a second document)
// are refused.
//
// Defaults stand in defaults.go and are filled in before reading. A block in
// the file changes only what it names. A block of one UPS begins as the general
// block.
//
// # Judging
//
// An Error is what cannot run, or could not protect. A Finding runs, and is
// probably not what somebody wants: a timer that nothing starts, a message
// without a route. Config.Check compares with what a UPS says of itself: a
// timer of 20 minutes on a battery that lasts ten.
//
// # Secrets
//
// A Secret is a reference, read when it is needed. It never prints.
package config
