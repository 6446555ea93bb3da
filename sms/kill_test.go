package sms

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"ecnutd/internal/store"
	"ecnutd/sms/smstest"
)

// TestMain lets the test binary be the victim of TestKill.
func TestMain(m *testing.M) {
	if file := os.Getenv("SMS_VICTIM_DB"); file != "" {
		if err := victim(file); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// The steps at which a victim kills itself, in their order on the path of a
// message.
const (
	stepQueued    = "queued, not committed"
	stepCommitted = "committed"
	stepSend      = "about to send"
	stepAnswered  = "answered, verdict not stored"
	stepStored    = "verdict stored"
)

// victim queues messages up to a number, each together with the count of them
// in one transaction, and sends them; at a step it dies by its own hand.
func victim(file string) error {
	at := os.Getenv("SMS_VICTIM_STEP")
	times, _ := strconv.Atoi(os.Getenv("SMS_VICTIM_TIMES"))
	total, _ := strconv.Atoi(os.Getenv("SMS_VICTIM_TOTAL"))
	var mu sync.Mutex
	step := func(name string) {
		mu.Lock()
		defer mu.Unlock()
		if name != at {
			return
		}
		if times--; times == 0 {
			syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	}
	kept := store.Open(store.Options{Path: file, Open: store.File, Log: quiet().Log})
	route, err := NewFreeMobile(FreeMobile{Name: "free", User: os.Getenv("SMS_VICTIM_USER"), Password: NewSecret(secretKey), Endpoint: os.Getenv("SMS_VICTIM_URL"), CAFile: os.Getenv("SMS_VICTIM_CA")})
	if err != nil {
		return err
	}
	opts := quiet()
	opts.Every, opts.RetryMin, opts.RetryMax = -1, time.Millisecond, 10*time.Millisecond
	opts.OnVerdict = func(Entry) { step(stepStored) }
	// The window is one message only where the disk is waited for.
	opts.Touch, opts.NoteWait = kept.Touch, time.Minute
	o, err := NewOutbox([]Route{stepped{route, step}}, opts)
	if err != nil {
		return err
	}
	n := new(counter)
	if err := errors.Join(kept.Join(n), kept.Join(o)); err != nil {
		return err
	}
	go o.Run(context.Background())
	for n.get() < total {
		stored := kept.Change(func() {
			_, err = o.Queue(Message{Text: fmt.Sprintf("#%d#", n.get())})
			n.count()
			step(stepQueued)
		})
		if err != nil {
			return err
		}
		<-stored
		step(stepCommitted)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	return errors.Join(o.Flush(ctx), o.Fault(), kept.Close(20*time.Second))
}

// A counter is the state of a victim: how many messages it has queued.
type counter struct {
	mu        sync.Mutex
	n, stored int
}

var counterBucket = []byte("counter")

func (c *counter) get() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n
}

func (c *counter) count() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
}

func (c *counter) Load(tx *bolt.Tx, _ func(string) bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if b := tx.Bucket(counterBucket); b != nil {
		c.n = int(binary.BigEndian.Uint64(b.Get([]byte("n"))))
		c.stored = c.n
	}
	return nil
}

func (c *counter) Changes(bool) (func(*bolt.Tx) error, func(error)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.n
	if n == c.stored {
		return nil, nil
	}
	write := func(tx *bolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists(counterBucket)
		return errors.Join(err, b.Put([]byte("n"), key(uint64(n))))
	}
	return write, func(err error) {
		c.mu.Lock()
		defer c.mu.Unlock()
		if err == nil {
			c.stored = n
		}
	}
}

// stepped tells the steps around a request.
type stepped struct {
	Route
	step func(string)
}

func (s stepped) Send(ctx context.Context, n Notice) error {
	s.step(stepSend)
	err := s.Route.Send(ctx, n)
	if err == nil {
		s.step(stepAnswered)
	}
	return err
}

// A killing is when and how a victim dies. Only some are within the window in
// which the gateway may have taken a message and the outbox not know it. Dying
// while a message is queued can be, for another is on its way meanwhile.
type killing struct {
	name   string
	window bool
	step   string // by its own hand
	read   bool   // when the gateway has read a request
	took   bool   // when the gateway has taken it and not answered
	after  bool   // after some time
}

var killings = []killing{
	{name: stepQueued, step: stepQueued, window: true},
	{name: stepCommitted, step: stepCommitted, window: true},
	{name: stepSend, step: stepSend},
	{name: "request read", read: true, window: true},
	{name: "message taken", took: true, window: true},
	{name: stepAnswered, step: stepAnswered, window: true},
	{name: stepStored, step: stepStored},
	{name: "at some instant", after: true, window: true},
	{name: "at some instant", after: true, window: true},
	{name: "at some instant", after: true, window: true},
}

// TestKill kills a process that queues and sends, at every step of the path
// of a message and at instants swept over its whole life, and starts it again
// on the same database. Every message arrives. One arrives twice only if the
// process died between the gateway's taking it and the outbox' taking note.
//
// SMS_KILLS says how often (45; 600 in make soak).
func TestKill(t *testing.T) {
	kills := 45
	if n, err := strconv.Atoi(os.Getenv("SMS_KILLS")); err == nil {
		kills = n
	}
	g, ca := newGatewayServer(t)
	g.Behave(func(n int) smstest.Behaviour {
		if n%7 == 3 {
			return 500 // a retry now and then
		}
		return 200
	})
	file := filepath.Join(t.TempDir(), "db")
	inWindow := make(map[string]bool) // victims, by their user, that died within the window
	died := make(map[string]int)
	life := 200 * time.Millisecond // of a victim that nobody kills; measured below
	total := 0
	for i := 0; i <= kills; i++ {
		k := killings[i%len(killings)]
		if i == kills {
			k = killing{name: "none"}
		}
		total += 3
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=10", "SMS_VICTIM_DB="+file, "SMS_VICTIM_URL="+g.URL(), "SMS_VICTIM_CA="+ca, fmt.Sprintf("SMS_VICTIM_USER=%d", i),
			"SMS_VICTIM_STEP="+k.step, fmt.Sprintf("SMS_VICTIM_TIMES=%d", 1+i/len(killings)%3), fmt.Sprintf("SMS_VICTIM_TOTAL=%d", total))
		cmd.Stderr = os.Stderr
		var once sync.Once
		kill := func(when bool) func(smstest.Request) {
			return func(smstest.Request) {
				if when {
					once.Do(func() { cmd.Process.Kill() })
				}
			}
		}
		started := time.Now()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		g.Observe(kill(k.read), kill(k.took))
		if k.after {
			// 0 to the whole life, in as many steps as there are such kills.
			time.AfterFunc(time.Duration(i)*life/time.Duration(kills), func() { kill(true)(smstest.Request{}) })
		}
		err := cmd.Wait()
		exit, _ := errors.AsType[*exec.ExitError](err)
		switch {
		case err == nil:
			life = time.Since(started)
		case exit == nil || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL:
			t.Fatalf("round %d (%s): %v", i, k.name, err)
		default:
			died[k.name]++
			inWindow[strconv.Itoa(i)] = k.window
		}
	}
	g.Observe(nil, nil)
	requests := g.Requests()
	last := make(map[string]int) // the last message that was taken from a victim
	for at, r := range requests {
		if r.Taken {
			last[r.User] = at
		}
	}
	arrived := make(map[string][]int) // requests by message
	for at, r := range requests {
		if r.Taken {
			for _, m := range regexp.MustCompile(`#\d+#`).FindAllString(r.Text, -1) {
				arrived[m] = append(arrived[m], at)
			}
		}
	}
	twice := 0
	for n := range total {
		m := fmt.Sprintf("#%d#", n)
		if len(arrived[m]) == 0 {
			t.Errorf("message %s never arrived", m)
			continue
		}
		for _, at := range arrived[m][:len(arrived[m])-1] {
			twice++
			if user := requests[at].User; !inWindow[user] || last[user] != at {
				t.Errorf("message %s arrived again although nobody died while it was on its way", m)
			}
		}
	}
	t.Logf("%d messages, %d requests, %d arrivals too many; killed: %v", total, len(requests), twice, died)
}
