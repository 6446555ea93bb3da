package sms

import "errors"

// Service is an account at a notification service (mail, ntfy, Gotify,
// Telegram, Matrix, Slack and others) as one URL in the form of the library
// shoutrrr, such as ntfy://:token@ntfy.sh/topic.
//
// The library adds 2.8 MB to the program, which would break its memory budget,
// and so is built in only with the build tag "shoutrrr".
type Service struct {
	Name string
	URL  Secret
	// Limit is DefaultLimit by default; most services take more.
	Limit Limit
}

// ErrNoServices tells that the program was built without services.
var ErrNoServices = errors.New("notification services are not built into this program: build it with -tags shoutrrr, or use the service's own address in a gateway route")
