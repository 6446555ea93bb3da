package trial

import (
	"context"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"ecnutd/internal/address"
	"ecnutd/internal/nut/client"
	"ecnutd/internal/nut/importer/nutfile"
	"ecnutd/ups"
)

// FolderOfNUT is the one whose server is that of this host.
const FolderOfNUT = "/etc/nut"

// askTime bounds the question to NUT's server.
const askTime = 2 * time.Second

// RuntimeOfServer asks the server of NUT on this host for the first UPS that
// ups.conf has; 0 where nobody answers.
func RuntimeOfServer(ctx context.Context, dir string) time.Duration {
	data, err := nutfile.Read(filepath.Join(dir, "ups.conf"), 1<<20)
	if err != nil {
		return 0
	}
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	for _, e := range nutfile.Entries(nutfile.Lines(data)) {
		if e.Section == "" || strings.ContainsAny(e.Section, " \"\\") {
			continue
		}
		server := client.Server{Address: net.JoinHostPort("127.0.0.1", address.NUTPort), UPS: e.Section}
		vars, err := server.Read(ctx, askTime)
		if err != nil {
			return 0
		}
		return Runtime(vars)
	}
	return 0
}

// Runtime is how long the battery of a UPS lasts by its variables, 0 where they do
// not say it.
func Runtime(vars ups.Variables) time.Duration {
	seconds, err := strconv.Atoi(vars["battery.runtime"])
	if err != nil || seconds < 0 {
		return 0
	}
	return time.Duration(seconds) * time.Second
}
