package udev

import (
	"fmt"
	"os/user"
)

// CreateGroup is the command that makes the group as the package does.
const CreateGroup = "sudo groupadd --system " + Group

// GroupExists returns an error where udev would ignore the rule's group.
func GroupExists() error {
	if _, err := user.LookupGroup(Group); err != nil {
		return fmt.Errorf("there is no group %s, and udev would ignore the rule; make it first: %s", Group, CreateGroup)
	}
	return nil
}
