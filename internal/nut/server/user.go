package server

import (
	"errors"
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
	if err == nil && !password.Sendable(name) {
		err = errors.New("the name has characters that NUT's protocol does not carry: take letters, digits and signs of ASCII")
	}
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

// A roll is the users at one time, and what is compared besides, so that a name
// cannot be found out by the time of the answer.
type roll struct {
	users map[string]*User
	// costs has one stored password of each cost that comparing has here.
	costs []password.Verifier
}

func newRoll(users []User) *roll {
	r := &roll{users: map[string]*User{}}
	seen := map[string]bool{}
	for i := range users {
		u := &users[i]
		r.users[u.name] = u
		if cost := u.password.Cost(); !seen[cost] {
			seen[cost] = true
			r.costs = append(r.costs, u.password)
		}
	}
	return r
}

// check finds who this is, nil for nobody. Whoever it is, and whether there is
// anybody of that name, one password of each cost is compared: as a rule that
// is one comparison.
func (r *roll) check(name, given string) *User {
	u := r.users[name]
	right := false
	for _, v := range r.costs {
		if u != nil && v.Cost() == u.password.Cost() {
			right = u.password.Matches(given)
			continue
		}
		v.Matches(given)
	}
	if !right {
		return nil
	}
	return u
}
