package sim

import (
	"encoding/hex"
	"slices"
	"time"
)

// A Transfer is a report that went over the simulated wire, or was asked for
// in vain.
type Transfer struct {
	At   time.Time
	Kind TransferKind
	Data []byte // the report with its id; for a Get that failed the id alone
	Err  error  // why it failed; nil when it was done
}

// TransferKind is the direction of a transfer.
type TransferKind string

// The kinds of transfers.
const (
	Get   TransferKind = "GET"
	GetIn TransferKind = "GETIN" // a request for an input report
	Set   TransferKind = "SET"
	Input TransferKind = "IN"
)

// maxTransfers bounds the log of transfers; when it is full the older half
// goes.
const maxTransfers = 65536

func (u *UPS) log(kind TransferKind, data []byte, err error) {
	if len(u.transfers) >= maxTransfers {
		u.transfers = slices.Delete(u.transfers, 0, maxTransfers/2)
	}
	u.transfers = append(u.transfers, Transfer{time.Now(), kind, slices.Clone(data), err})
}

// Transfers are what went over the wire so far, oldest first: requests when
// they were answered or refused, a request into silence when it was made,
// input reports when they were read. A request to a device that is gone is
// not among them.
func (u *UPS) Transfers() []Transfer {
	u.lock()
	defer u.unlock()
	return slices.Clone(u.transfers)
}

// Written returns the reports that were written to the UPS and taken, in order,
// as hex.
func (u *UPS) Written() (list []string) {
	for _, x := range u.Transfers() {
		if x.Kind == Set && x.Err == nil {
			list = append(list, hex.EncodeToString(x.Data))
		}
	}
	return list
}
