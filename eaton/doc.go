// Package eaton is the family of UPSs that describe themselves with the Power
// Device Class and MGE's vendor page: every Eaton, MGE and Santak unit that does.
// The first one is the Protection Station 800.
//
// What is known of the devices is rows: variables.go (names and paths),
// flags.go (status flags and alarms), commands.go and settings.go (what can
// be written), models.go (who has seen which unit), quirks.go (where a model
// differs, each with the reason). Package power walks the tables. Every path is
// resolved against the descriptor of the live device: units of one model line
// differ in the reports and offsets they use.
package eaton
