// Command gateway stands in for an SMS gateway in the virtual machine: what it
// is sent goes into a file, a line a message, and out of the machine through a
// port where there is one.
package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strings"
	"sync"
)

const (
	address = "127.0.0.1:8080"
	file    = "/var/log/gateway"
	port    = "/dev/virtio-ports/wire"
)

func main() {
	kept, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY|os.O_SYNC, 0o644)
	if err != nil {
		log.Fatal(err)
	}
	outside, err := os.OpenFile(port, os.O_WRONLY, 0)
	if err != nil {
		outside = nil
	}
	var mu sync.Mutex
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<16))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		text := r.URL.Query().Get("msg") + string(body)
		line := strings.Join(strings.Fields(text), " ") + "\n"
		mu.Lock()
		defer mu.Unlock()
		if outside != nil {
			_, _ = io.WriteString(outside, line)
		}
		if _, err := io.WriteString(kept, line); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		fmt.Fprintln(w, "taken")
	})
	log.Fatal(http.ListenAndServe(address, nil))
}
