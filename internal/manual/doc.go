// Package manual writes the man pages from what the program has anyway:
// ecnutd(8) from the commands and their help, ecnutd.yaml(5) from
// config.example.yaml. The pages are mdoc(7), which man-db and mandoc both
// show. It is no part of the daemon; `make man` and a test use it.
package manual
