package server

import (
	"fmt"
	"slices"
	"strings"

	"ecnutd/internal/password"
)

// Role is what upsd.users calls upsmon: whether a user's host shuts down on
// its own account when told (secondary), or is the one that tells (primary).
type Role string

// The roles.
const (
	NoRole    Role = "none"
	Secondary Role = "secondary" // may LOGIN
	Primary   Role = "primary"   // and FSD
)

// The actions of upsd.users.
const (
	ActionSet = "SET"
	ActionFSD = "FSD"
)

// AllCommands in a list of instant commands stands for all that cannot take
// power away from the load. Those have to be named.
const AllCommands = "ALL"

// A User is who may do something. The zero rights are none.
type User struct {
	name     string
	password password.Verifier
	role     Role
	actions  []string
	commands []string
}

// NewUser makes a user. stored is a hash (argon2id, bcrypt) or the password
// itself. The error does not show it.
func NewUser(name, stored string, role Role, actions, commands []string) (User, error) {
	v, err := password.NewVerifier(stored)
	if err != nil {
		return User{}, fmt.Errorf("user %s: %w", name, err)
	}
	return User{name, v, role, actions, commands}, nil
}

func (u *User) mayLogin() bool   { return u.role == Primary || u.role == Secondary }
func (u *User) mayPrimary() bool { return u.role == Primary }
func (u *User) mayFSD() bool     { return u.role == Primary || u.may(ActionFSD) }
func (u *User) maySet() bool     { return u.may(ActionSet) }

func (u *User) may(action string) bool {
	return slices.ContainsFunc(u.actions, func(a string) bool { return strings.EqualFold(a, action) })
}

func (u *User) mayCommand(c *Command) bool {
	return slices.ContainsFunc(u.commands, func(name string) bool {
		return strings.EqualFold(name, c.Name) || !c.Cuts && strings.EqualFold(name, AllCommands)
	})
}

// A roll is the users at one time, and what is compared for those who are not
// on it, so that a name cannot be found out by the time of the answer.
type roll struct {
	users map[string]*User
	decoy password.Verifier
}

func newRoll(users []User) *roll {
	r := &roll{users: map[string]*User{}, decoy: password.Plain("")}
	for i := range users {
		r.users[users[i].name] = &users[i]
		if i == 0 || !users[i].password.Cheap() {
			r.decoy = users[i].password
		}
	}
	return r
}

// check finds who this is, nil for nobody. It takes as long for a name that
// does not exist as for a wrong password.
func (r *roll) check(name, given string) *User {
	u := r.users[name]
	if u == nil {
		r.decoy.Matches(given)
		return nil
	}
	if !u.password.Matches(given) {
		return nil
	}
	return u
}
