// Package remote reaches a UPS that another host serves, by a block of the
// configuration with `remote`. It stands apart from package discovery so that
// the late stage, which has no network, does not depend on it.
package remote

import (
	"context"
	"time"

	"ecnutd/config"
	"ecnutd/internal/address"
	"ecnutd/internal/discovery"
	"ecnutd/internal/nut/client"
	"ecnutd/ups"
)

// Patience is the longest that an answer of another host is waited for.
const Patience = 10 * time.Second

// Locate says where the UPS of a block is. It needs no connection.
func Locate(u config.UPS) discovery.Locator {
	return discovery.Locator{Follow: func(ctx context.Context, p discovery.Pace, heard func(ups.Snapshot, ups.Variables), trouble func(error)) error {
		s, err := serverOf(u)
		if err != nil {
			return err
		}
		return s.Follow(ctx, client.Pace(p), heard, trouble)
	}}
}

// Variables asks the other host for the variables of a UPS, once.
func Variables(ctx context.Context, u config.UPS) (ups.Variables, error) {
	s, err := serverOf(u)
	if err != nil {
		return nil, err
	}
	return s.Read(ctx, Patience)
}

func serverOf(u config.UPS) (client.Server, error) {
	at, err := address.ParseRemote(u.Remote)
	return client.Server{Address: at.Host, UPS: at.UPS, User: at.User, Password: u.Password.Value}, err
}
