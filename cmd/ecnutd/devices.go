package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"ecnutd/hid"
	"ecnutd/internal/discovery"
)

func devicesCommand(*globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "devices",
		Short: "The UPSs that are attached, or all that are known",
		Long: `Lists the UPSs attached to this host: node, name, serial number, place on USB, and
whether this user may read them. None is opened.

With --supported it lists the models that somebody has shown data of, and who. A
unit that is not in the table is served too, by what it says of itself. With -v
come the behaviours of the family that are taken care of.`,
		GroupID: groupDevice,
		Args:    exactArgs(),
	}
	asJSON := jsonFlag(cmd)
	supported := cmd.Flags().Bool("supported", false, "the known models")
	verbose := cmd.Flags().BoolP("verbose", "v", false, "with --supported: what was checked, and the quirks")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if *supported {
			return printSupported(cmd, *asJSON, *verbose)
		}
		if *verbose {
			return usagef("-v goes with --supported")
		}
		found, err := discovery.Attached()
		if err != nil {
			return err
		}
		return printAttached(cmd, found, *asJSON)
	}
	return cmd
}

// An attachedUPS is a row of `devices`.
type attachedUPS struct {
	Node    string `json:"node"`
	Name    string `json:"name"`
	Vendor  string `json:"vendor"`
	Product string `json:"product"`
	Serial  string `json:"serial"`
	USB     string `json:"usb"` // bus/address, "001/005"
	Access  bool   `json:"access"`
	Strings bool   `json:"strings"` // whether the usb node may be used too
}

func describe(info hid.Info) attachedUPS {
	return attachedUPS{
		Node: info.Node, Name: info.Name, Serial: info.Serial, USB: discovery.Location(info).String(),
		Vendor: fmt.Sprintf("%04x", info.Vendor), Product: fmt.Sprintf("%04x", info.Product),
		Access: usable(info.Node), Strings: usable(discovery.Location(info).Node()),
	}
}

// usable tells whether this process may read and write a node.
func usable(node string) bool {
	return unix.Faccessat(unix.AT_FDCWD, node, unix.R_OK|unix.W_OK, unix.AT_EACCESS) == nil
}

func printAttached(cmd *cobra.Command, found []hid.Info, asJSON bool) error {
	list := make([]attachedUPS, len(found))
	for i, info := range found {
		list[i] = describe(info)
	}
	var err error
	if asJSON {
		err = emitJSON(cmd.OutOrStdout(), list)
	} else if len(list) > 0 {
		err = emitTable(cmd.OutOrStdout(), attachedRows(list))
	}
	switch {
	case err != nil:
		return err
	case len(list) == 0:
		return discovery.NoneAttached()
	}
	for _, u := range list {
		if !u.Access || !u.Strings {
			note(cmd, "give the nodes to group ecnutd with: sudo ecnutd udev install (and be in that group, or use sudo)")
			break
		}
	}
	return nil
}

func attachedRows(list []attachedUPS) []string {
	rows := []string{"NODE\tNAME\tSERIAL\tUSB\tACCESS"}
	for _, u := range list {
		access := "ok"
		switch {
		case !u.Access:
			access = "none: this user may not open the node"
		case !u.Strings:
			access = "without USB strings: this user may not open the usb node"
		}
		rows = append(rows, strings.Join([]string{u.Node, u.Name, u.Serial, u.USB, access}, "\t"))
	}
	return rows
}

// A knownModel and a knownQuirk are rows of `devices --supported`.
type (
	knownModel struct {
		Name    string `json:"name"`
		VA      int    `json:"va"`
		SeenBy  string `json:"seen_by"`
		Checked string `json:"checked"`
	}
	knownQuirk struct {
		Name   string `json:"name"`
		Reason string `json:"reason"`
	}
)

func printSupported(cmd *cobra.Command, asJSON, verbose bool) error {
	if asJSON {
		var all struct {
			IDs    []string     `json:"ids"`
			Others []string     `json:"ids_by_match"` // served where the configuration names vendor and product
			Models []knownModel `json:"models"`
			Quirks []knownQuirk `json:"quirks"`
		}
		for _, id := range discovery.IDs() {
			all.IDs = append(all.IDs, fmt.Sprintf("%04x:%04x", id.Vendor, id.Product))
		}
		for _, id := range discovery.Others() {
			all.Others = append(all.Others, fmt.Sprintf("%04x:%04x", id.Vendor, id.Product))
		}
		for _, m := range discovery.Models() {
			all.Models = append(all.Models, knownModel{m.Name, m.VA, m.SeenBy, m.How})
		}
		for _, q := range discovery.Quirks() {
			all.Quirks = append(all.Quirks, knownQuirk{q.Name, q.Reason})
		}
		return emitJSON(cmd.OutOrStdout(), all)
	}
	rows := []string{"MODEL\tVA\tSEEN BY"}
	if verbose {
		rows[0] += "\tCHECKED HERE"
	}
	for _, m := range discovery.Models() {
		row := fmt.Sprintf("%s\t%d\t%s", m.Name, m.VA, m.SeenBy)
		if verbose {
			row += "\t" + m.How
		}
		rows = append(rows, row)
	}
	if verbose {
		rows = append(rows, "", "Taken care of:")
		for _, q := range discovery.Quirks() {
			rows = append(rows, "  "+q.Name+": "+q.Reason)
		}
	}
	return emitTable(cmd.OutOrStdout(), rows)
}
