// Package page shows what a daemon says in a browser: on top the sentence that counts,
// then the figures, what comes next, the fate of messages, plots, and the outages
// with their stories. It can only be looked at.
//
// Everything is made here, the plots as well (SVG); the one script of the page swaps
// in what has changed and counts down, and the page is readable without it.
package page

import (
	"bytes"
	"cmp"
	"context"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"

	"ecnutd/internal/control"
	"ecnutd/internal/history"
	"ecnutd/internal/history/show"
	"ecnutd/internal/texts"
	"ecnutd/internal/view"
	"ecnutd/internal/view/archive"
	"ecnutd/ups"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed static
var static embed.FS

var templates = template.Must(template.ParseFS(templateFiles, "templates/*.html"))

// A Source says how things are, and what there was.
type Source interface {
	Now() view.Now
	Changes() (changed <-chan struct{}, end func())
	History(ctx context.Context) (history.History, error)
	Outage(ctx context.Context, n uint64) (history.Outage, error)
}

// A Page answers browsers.
type Page struct {
	source   Source
	archive  *archive.Archive
	host     string // name of this host
	clock    func() time.Time
	location *time.Location
}

// New makes a page. Times are shown in a location.
func New(s Source, a *archive.Archive, host string, clock func() time.Time, location *time.Location) *Page {
	return &Page{s, a, host, clock, location}
}

// Handler answers what the page is made of, to whom access lets in.
func (p *Page) Handler(access Access, metrics http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", p.index)
	mux.HandleFunc("GET /live", p.live)
	mux.HandleFunc("GET /plot.svg", p.plot)
	mux.HandleFunc("GET /outage/{n}", p.outage)
	mux.HandleFunc("GET /outage/{n}/plot.svg", p.outagePlot)
	mux.Handle("GET /static/", http.FileServerFS(static))
	mux.Handle("GET /metrics", metrics)
	return access.guard(mux)
}

var matcher = language.NewMatcher([]language.Tag{language.English, language.French})

// languageOf is that of whoever looks, by the browser.
func languageOf(r *http.Request) ups.Language {
	tag, _ := language.MatchStrings(matcher, r.Header.Get("Accept-Language"))
	if base, _ := tag.Base(); base.String() == "fr" {
		return ups.French
	}
	return ups.English
}

// historyTime is how long the daemon may take for its history.
const historyTime = 2 * time.Second

func (p *Page) index(w http.ResponseWriter, r *http.Request) {
	l := languageOf(r)
	ctx, cancel := context.WithTimeout(r.Context(), historyTime)
	defer cancel()
	past, _ := p.source.History(ctx) // without it the table is empty
	m := p.model(l, past)
	span := r.URL.Query().Get("span")
	if _, ok := spans[span]; !ok {
		span = "day"
	}
	for _, s := range []struct{ name, text string }{{"day", m.Words.Day}, {"week", m.Words.Week}, {"month", m.Words.Month}, {"year", m.Words.Year}} {
		m.Spans = append(m.Spans, spanLink{s.name, s.text, s.name == span})
	}
	m.Plots = p.plots(m.Words, span)
	p.render(w, "index", m)
}

func (p *Page) render(w http.ResponseWriter, name string, data any) {
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, name, data); err != nil {
		http.Error(w, "the page cannot be made: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(b.Bytes())
}

// Lines of the stream of a page.
const (
	aliveEvery = 20 * time.Second // so that a dead connection is noticed
	plotsEvery = time.Minute
)

// live sends the live part of the page whenever it has changed.
func (p *Page) live(w http.ResponseWriter, r *http.Request) {
	l := languageOf(r)
	changed, end := p.source.Changes()
	defer end()
	w.Header().Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(w)
	say := func(kind, data string) bool {
		_ = out.SetWriteDeadline(time.Now().Add(10 * time.Second)) // an error shows when writing
		_, err := fmt.Fprintf(w, "event: %s\ndata: %s\n\n", kind, strings.ReplaceAll(data, "\n", "\ndata: "))
		return err == nil && out.Flush() == nil
	}
	last := ""
	alive, plots := time.NewTicker(aliveEvery), time.NewTicker(plotsEvery)
	defer alive.Stop()
	defer plots.Stop()
	for {
		var b bytes.Buffer
		if err := templates.ExecuteTemplate(&b, "live", p.model(l, history.History{})); err == nil && b.String() != last {
			last = b.String()
			if !say("live", last) {
				return
			}
		}
		select {
		case <-changed:
		case <-alive.C:
			if !say("alive", "") {
				return
			}
		case <-plots.C:
			if !say("plots", "") {
				return
			}
		case <-r.Context().Done():
			return
		}
	}
}

// behind is how many outages before one its curve is shown beside.
const behind = 2

// withBefore is an outage, and those of the same UPS before it.
func (p *Page) withBefore(ctx context.Context, n uint64) ([]history.Outage, error) {
	ctx, cancel := context.WithTimeout(ctx, historyTime)
	defer cancel()
	o, err := p.source.Outage(ctx, n)
	if err != nil {
		return nil, err
	}
	list := []history.Outage{o}
	for before := n - 1; before > 0 && len(list) <= behind; before-- {
		other, err := p.source.Outage(ctx, before)
		if err != nil {
			break
		}
		if other.UPS == o.UPS {
			list = append(list, other)
		}
	}
	return list, nil
}

func (p *Page) outage(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.ParseUint(r.PathValue("n"), 10, 64)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), historyTime)
	defer cancel()
	o, err := p.source.Outage(ctx, n)
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	words := texts.Page(languageOf(r))
	v := show.View{Language: languageOf(r), Now: p.clock().In(p.location)}
	m := outageModel{Words: words, Title: v.Title(o), Facts: v.Facts(o), Lines: v.Lines(o)}
	if len(o.Curve) > 1 {
		m.Plot = plotLink{"/outage/" + strconv.FormatUint(n, 10) + "/plot.svg?", words.Curve}
	}
	p.render(w, "outage", m)
}

type outageModel struct {
	Words        texts.PageWords
	Title        string
	Facts, Lines []string
	Plot         plotLink
}

// A plotLink is an image, with what stands above it.
type plotLink struct{ URL, Text string }

// plots are those of each UPS, of what it has.
func (p *Page) plots(words texts.PageWords, span string) (list []plotLink) {
	now := p.source.Now()
	if now.Snapshot == nil {
		return nil
	}
	for _, u := range now.Snapshot.Status.UPS {
		for _, c := range []struct{ column, variable, text string }{
			{"charge", "battery.charge", words.Charge}, {"load", "ups.load", words.Load}, {"input", "input.voltage", words.Input},
		} {
			if _, has := now.Snapshot.Variables[u.Name].Variables[c.variable]; !has {
				continue
			}
			text := c.text
			if len(now.Snapshot.Status.UPS) > 1 {
				text = u.Name + ": " + text
			}
			list = append(list, plotLink{"/plot.svg?" + url.Values{"ups": {u.Name}, "what": {c.column}, "span": {span}}.Encode(), text})
		}
	}
	return list
}

// title is what a UPS is called.
func title(u control.Supply) string {
	if also := cmp.Or(u.Description, u.Model); also != "" {
		return u.Name + " · " + also
	}
	return u.Name
}
