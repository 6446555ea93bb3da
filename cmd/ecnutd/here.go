package main

import (
	"ecnutd/config"
	"ecnutd/internal/host/doctor"
)

// here is what commands look at of this host besides what they are told to: where
// the files of the package are, and as whom the daemon reads. Tests put a host of
// theirs in its place.
var here = struct {
	root string
	eyes func() config.Eyes
}{"/", doctor.DaemonEyes}
