package server

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// What strangers do writes lines into the journal: of each kind no more than
// linesBurst at once and one in linesEvery after that. How many were left out
// stands in the next line.
const (
	linesBurst = 20
	linesEvery = 10 * time.Second
)

// A journal writes lines of one kind, not more than is bearable.
type journal struct {
	mu      sync.Mutex
	limit   *rate.Limiter
	leftOut int
}

func newJournal() *journal {
	return &journal{limit: rate.NewLimiter(rate.Every(linesEvery), linesBurst)}
}

// write writes a line, or counts it.
func (j *journal) write(log *slog.Logger, level slog.Level, text string, args ...any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if !j.limit.AllowN(time.Now(), 1) {
		j.leftOut++
		return
	}
	if j.leftOut > 0 {
		args = append(args, "left_out", j.leftOut)
		j.leftOut = 0
	}
	log.Log(context.Background(), level, text, args...)
}
