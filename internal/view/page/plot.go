package page

import (
	"net/http"
	"strconv"
	"time"

	"github.com/go-analyze/charts"

	"ecnutd/internal/history"
	"ecnutd/internal/view/archive"
)

// A plot has this many values from left to right, and this size in pixels; it is an
// image that grows and shrinks with the page.
const (
	plotValues = 240
	plotWidth  = 720
	plotHeight = 260
)

// A plotted is what a plot shows: values at equal distances, those of several curves
// one behind the other.
type plotted struct {
	curves [][]float64
	labels []string // below, at equal distances
	unit   string   // behind the numbers at the left
	top    float64  // of the axis; 0: as it comes
	dark   bool
}

// svg draws it.
func (p plotted) svg() ([]byte, error) {
	theme := charts.GetTheme(charts.ThemeLight)
	if p.dark {
		theme = charts.GetTheme(charts.ThemeDark)
	}
	theme = theme.WithBackgroundColor(charts.ColorTransparent)
	option := charts.NewLineChartOptionWithData(p.curves)
	option.Theme = theme
	option.Symbol = charts.Symbol{Shape: charts.SymbolNone}
	option.LineStrokeWidth = 2
	option.Legend.Show = charts.Ptr(false)
	option.Padding = charts.NewBoxEqual(8)
	option.XAxis.Labels = p.labels
	option.XAxis.LabelCount = 7
	option.XAxis.BoundaryGap = charts.Ptr(false)
	zero := 0.0
	axis := charts.YAxisOption{Min: &zero, LabelCount: 6, ValueFormatter: func(f float64) string {
		return strconv.FormatFloat(f, 'f', -1, 64) + p.unit
	}}
	if p.top > 0 {
		axis.Max = &p.top
	}
	option.YAxis = []charts.YAxisOption{axis}
	painter := charts.NewPainter(charts.PainterOptions{OutputFormat: charts.ChartOutputSVG, Width: plotWidth, Height: plotHeight})
	if err := painter.LineChart(option); err != nil {
		return nil, err
	}
	return painter.Bytes()
}

// spans are those that plots have.
var spans = map[string]time.Duration{"day": 24 * time.Hour, "week": 7 * 24 * time.Hour, "month": 31 * 24 * time.Hour, "year": 366 * 24 * time.Hour}

// columns are the numbers that plots have, with their units and the top of the axis.
var columns = map[string]struct {
	unit string
	top  float64
}{"charge": {" %", 100}, "load": {" %", 100}, "runtime": {" s", 0}, "voltage": {" V", 0}, "input": {" V", 0}, "output": {" V", 0}}

// plot answers with a curve of a number.
func (p *Page) plot(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	span, ok := spans[q.Get("span")]
	column, known := columns[q.Get("what")]
	if !ok || !known {
		http.Error(w, "no such plot", http.StatusNotFound)
		return
	}
	to := p.clock()
	from := to.Add(-span)
	points, err := p.archive.Curve(r.Context(), q.Get("ups"), q.Get("what"), from, to)
	if err != nil {
		http.Error(w, "the recordings cannot be read: "+err.Error(), http.StatusInternalServerError)
		return
	}
	layout := "15:04"
	if span > 48*time.Hour {
		layout = "02/01"
	}
	one := plotted{curves: [][]float64{resampled(points, from, to)}, unit: column.unit, top: column.top, dark: q.Get("theme") == "dark"}
	for i := range plotValues {
		at := from.Add(span * time.Duration(i) / (plotValues - 1))
		one.labels = append(one.labels, at.In(p.location).Format(layout))
	}
	p.image(w, one)
}

// outagePlot answers with the discharge of an outage, and those of the ones before.
func (p *Page) outagePlot(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.ParseUint(r.PathValue("n"), 10, 64)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	outages, err := p.withBefore(r.Context(), n)
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	o := outages[0]
	if len(o.Curve) < 2 {
		http.NotFound(w, r)
		return
	}
	span := o.Curve[len(o.Curve)-1].T
	one := plotted{unit: " %", top: 100, dark: r.URL.Query().Get("theme") == "dark"}
	for _, other := range outages {
		if len(other.Curve) > 1 {
			one.curves = append(one.curves, discharge(other, span))
		}
	}
	for i := range plotValues {
		one.labels = append(one.labels, strconv.Itoa(span*i/(plotValues-1)/60)+" min")
	}
	p.image(w, one)
}

func (p *Page) image(w http.ResponseWriter, one plotted) {
	svg, err := one.svg()
	if err != nil {
		http.Error(w, "the plot cannot be drawn: "+err.Error(), http.StatusInternalServerError)
		return
	}
	// An image of its own: it may have styles, and nothing else.
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	w.Header().Set("Content-Type", "image/svg+xml")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(svg)
}

// resampled is a curve at equal distances. Of several points in one place the last
// counts; a gap, and what is before the first and after the last point, is none.
func resampled(points []archive.Point, from, to time.Time) []float64 {
	values := make([]float64, plotValues)
	at := -1
	for i := range values {
		t := from.Add(to.Sub(from) * time.Duration(i) / (plotValues - 1))
		for at+1 < len(points) && !points[at+1].At.After(t) {
			at++
		}
		values[i] = charts.GetNullValue()
		if at >= 0 && !points[at].Gap {
			values[i] = points[at].Value
		}
	}
	return values
}

func discharge(o history.Outage, span int) []float64 {
	values := make([]float64, plotValues)
	at := 0
	for i := range values {
		t := span * i / (plotValues - 1)
		for at+1 < len(o.Curve) && o.Curve[at+1].T <= t {
			at++
		}
		values[i] = charts.GetNullValue()
		if c := o.Curve[at].Charge; c != nil && t <= o.Curve[len(o.Curve)-1].T {
			values[i] = float64(*c)
		}
	}
	return values
}
