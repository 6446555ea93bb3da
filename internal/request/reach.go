package request

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
)

// Reach reports whether the host of an address answers, as a request would reach
// it: its name, the way there, its certificate. Nothing of the address but the
// host is sent, and whatever the host says is an answer. caFile is trusted
// instead of the system's certificates, if it is not "".
func Reach(ctx context.Context, address, caFile string) (host string, err error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return "", fmt.Errorf("the address has no host")
	}
	root := url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/"}
	req, err := http.NewRequest(http.MethodHead, root.String(), nil)
	if err != nil {
		return u.Hostname(), fmt.Errorf("the address cannot be used")
	}
	c := Client{CAFile: caFile}
	_, err = c.Do(ctx, req)
	return u.Hostname(), err
}
