package eaton

import "ecnutd/hid/power/family"

// Family is what is known of Eaton's UPSs.
var Family = &family.Family{
	Name:   "eaton",
	IDs:    ids,
	Others: others,
	Models: models,
	Quirks: quirks,

	Variables:       variables,
	Lines:           lines,
	Flags:           flags,
	TransferReasons: transferReasons,
	Chargers:        chargers,

	Commands:        commands,
	Settings:        settings,
	CommandSettings: commandSettings,
	Witnesses:       witnesses,
	Restored:        restored,

	Paths: family.Paths{
		Model:   pathModel,
		Nominal: pathNominal,
		Test:    pathTest,
		Once:    []string{pathCountry},
	},
}
