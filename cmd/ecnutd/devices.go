package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

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

func printAttached(cmd *cobra.Command, found []hid.Info, asJSON bool) error {
	list := make([]discovery.AttachedUPS, len(found))
	for i, info := range found {
		list[i] = discovery.Describe(info)
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

func attachedRows(list []discovery.AttachedUPS) []string {
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

func printSupported(cmd *cobra.Command, asJSON, verbose bool) error {
	if asJSON {
		return emitJSON(cmd.OutOrStdout(), discovery.Served())
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
