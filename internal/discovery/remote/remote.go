// Package remote reaches a UPS that another host serves, by a block of the
// configuration with `remote`. It stands apart from package discovery so that
// the late stage, which has no network, does not depend on it.
package remote

import (
	"context"
	"fmt"
	"time"

	"ecnutd/config"
	"ecnutd/internal/address"
	"ecnutd/internal/discovery"
	"ecnutd/internal/nut/client"
	"ecnutd/ups"

	"ecnutd/internal/folder"
)

// Patience is the longest that an answer of another host is waited for.
const Patience = 10 * time.Second

// Locate says where the UPS of a block is. It needs no connection.
func Locate(u config.UPS) discovery.Locator {
	return discovery.Locator{Follow: func(ctx context.Context, p discovery.Pace, o discovery.Observer) error {
		s, err := serverOf(u)
		if err != nil {
			return err
		}
		return s.Follow(ctx, client.Pace(p), client.Observer(o))
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

// CheckLogin logs in to the other host and out again, encrypted as the block
// says. It does what the daemon does, so that what it finds is true of it.
func CheckLogin(ctx context.Context, u config.UPS) error {
	s, err := serverOf(u)
	if err != nil {
		return err
	}
	return s.CheckLogin(ctx, Patience)
}

// maxCA bounds a file of certificates, in bytes.
const maxCA = 1 << 20

// serverOf reads the files of a block each time: they may be renewed.
func serverOf(u config.UPS) (client.Server, error) {
	at, err := address.ParseRemote(u.Remote)
	if err != nil {
		return client.Server{}, err
	}
	var ca []byte
	if u.CAFile != "" {
		if ca, err = folder.Read(u.CAFile, maxCA); err != nil {
			return client.Server{}, fmt.Errorf("ups.%s.ca_file: %w", u.Name, err)
		}
	}
	security, err := client.NewSecurity(client.Mode(u.TLS), ca, u.Certificate, u.Key)
	if err != nil {
		return client.Server{}, fmt.Errorf("ups.%s: %w", u.Name, err)
	}
	return client.Server{Address: at.Host, UPS: at.UPS, User: at.User, Password: u.Password.Value, Security: security}, nil
}
