package monitor

// What the tests look at beyond what the package offers.
const (
	AgeSlack      = ageSlack
	MovesInOutage = movesInOutage
)
