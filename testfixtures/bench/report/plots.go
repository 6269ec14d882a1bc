package main

import (
	"cmp"
	"fmt"
	"image/color"
	"os"
	"path/filepath"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// line is one of a plot: a figure of a benchmark against the number of rows.
type line struct {
	name      string
	benchmark string
	where     string
	unit      string
	color     color.Color
	dashed    bool
}

// The colors can be told apart by the color-blind (Okabe and Ito).
var (
	blue   = color.RGBA{0x00, 0x72, 0xB2, 0xFF}
	orange = color.RGBA{0xE6, 0x9F, 0x00, 0xFF}
	green  = color.RGBA{0x00, 0x9E, 0x73, 0xFF}
	red    = color.RGBA{0xD5, 0x5E, 0x00, 0xFF}
	purple = color.RGBA{0xCC, 0x79, 0xA7, 0xFF}
	sky    = color.RGBA{0x56, 0xB4, 0xE9, 0xFF}
	gray   = color.RGBA{0x66, 0x66, 0x66, 0xFF}
)

// plots writes the pictures of time and memory against rows.
func (r *results) plots(docs string) error {
	folder := filepath.Join(docs, "images")
	var times []*plot.Plot
	for _, where := range []string{"sqlite", "postgres", "postgres18", "mysql", "mariadb", "tidb"} {
		if !r.measured(where) {
			continue
		}
		p, err := r.plot(title(where), "seconds", []line{
			{"in place", "InPlace", where, "s/ours", blue, false},
			{"the same steps by hand", "InPlace", where, "s/theirs", blue, true},
			{"swap", "Swap", where, "s/ours", green, false},
			{"old table kept", "Kept", where, "s/ours", orange, false},
			{"plain load by the client", "Kept", where, "s/theirs", orange, true},
			{"pgloader, no backup", "Pgloader", where, "s/theirs", purple, true},
			{"sqlite-utils, no backup", "SQLiteUtils", where, "s/theirs", purple, true},
			{"csvsql, no backup", "CSVSQL", where, "s/theirs", gray, true},
		})
		if err != nil {
			return err
		}
		times = append(times, p)
	}
	if err := save(filepath.Join(folder, "time.svg"), times, 2); err != nil {
		return err
	}
	memory, err := r.plot("Memory of the client, whole program", "MB", []line{
		{"tablesnap, SQLite", "InPlace", "sqlite", "MB-ours", blue, false},
		{"tablesnap, PostgreSQL", "InPlace", "postgres", "MB-ours", green, false},
		{"tablesnap, MySQL", "InPlace", "mysql", "MB-ours", orange, false},
		{"tablesnap, MariaDB", "InPlace", "mariadb", "MB-ours", red, false},
		{"tablesnap, TiDB", "InPlace", "tidb", "MB-ours", sky, false},
		{"pgloader", "Pgloader", "postgres", "MB-theirs", purple, true},
		{"sqlite-utils", "SQLiteUtils", "sqlite", "MB-theirs", purple, true},
		{"csvsql", "CSVSQL", "sqlite", "MB-theirs", gray, true},
	})
	if err != nil {
		return err
	}
	memory.Y.Min = 10
	return save(filepath.Join(folder, "memory.svg"), []*plot.Plot{memory}, 1)
}

// plot has both axes by powers of ten: what grows with the rows is a straight line.
func (r *results) plot(title, unit string, lines []line) (*plot.Plot, error) {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, "rows", unit
	p.X.Scale, p.Y.Scale = plot.LogScale{}, plot.LogScale{}
	p.X.Tick.Marker, p.Y.Tick.Marker = powers{}, powers{}
	p.Legend.Top, p.Legend.Left, p.Legend.Padding = true, true, 1
	for _, text := range []*font.Length{&p.Title.TextStyle.Font.Size, &p.X.Label.TextStyle.Font.Size, &p.Y.Label.TextStyle.Font.Size,
		&p.X.Tick.Label.Font.Size, &p.Y.Tick.Label.Font.Size, &p.Legend.TextStyle.Font.Size} {
		*text = 9
	}
	p.Title.TextStyle.Font.Size = 12
	p.Add(plotter.NewGrid())
	for _, l := range lines {
		points := r.points(l)
		if len(points) == 0 {
			continue
		}
		drawn, dots, err := plotter.NewLinePoints(points)
		if err != nil {
			return nil, fmt.Errorf("plot %s: %w", l.benchmark, err)
		}
		drawn.Color, dots.Color, dots.Shape, dots.Radius = l.color, l.color, draw.CircleGlyph{}, 2
		drawn.Width = 1.5
		if l.dashed {
			drawn.Dashes = []vg.Length{4, 3}
		}
		p.Add(drawn, dots)
		p.Legend.Add(l.name, drawn)
	}
	p.X.Min, p.X.Max = 7_000, 14_000_000
	p.Y.Max *= 30 // room for the legend
	return p, nil
}

// measured reports whether there is an upload to plot.
func (r *results) measured(where string) bool {
	return slices.ContainsFunc(r.of("InPlace"), func(m measurement) bool { return m.Where == where })
}

func (r *results) points(l line) plotter.XYs {
	var points plotter.XYs
	for _, m := range r.of(l.benchmark) {
		if value := m.value(l.unit); m.Where == l.where && value > 0 {
			points = append(points, plotter.XY{X: float64(m.Rows), Y: value})
		}
	}
	slices.SortFunc(points, func(a, b plotter.XY) int { return cmp.Compare(a.X, b.X) })
	return points
}

// powers labels each power of ten in plain numbers.
type powers struct{}

func (powers) Ticks(least, most float64) []plot.Tick {
	var ticks []plot.Tick
	for _, tick := range (plot.LogTicks{Prec: -1}).Ticks(least, most) {
		switch {
		case tick.Value < least || tick.Value > most:
			continue
		case tick.Label != "" && tick.Value >= 1:
			tick.Label = count(int(tick.Value))
		case tick.Label != "":
			tick.Label = fmt.Sprint(tick.Value)
		}
		ticks = append(ticks, tick)
	}
	return ticks
}

// save writes the plots side by side, in rows of so many.
func save(file string, plots []*plot.Plot, across int) error {
	rows := (len(plots) + across - 1) / across
	canvas := vgsvg.NewWith(vgsvg.UseWH(vg.Length(across)*400, vg.Length(rows)*330))
	cells := make([][]*plot.Plot, rows)
	for i := range cells {
		cells[i] = make([]*plot.Plot, across)
		copy(cells[i], plots[i*across:min(len(plots), (i+1)*across)])
	}
	tiles := draw.Tiles{Rows: rows, Cols: across, PadX: 12, PadY: 12, PadTop: 6, PadBottom: 6, PadLeft: 6, PadRight: 12}
	for i, row := range plot.Align(cells, tiles, draw.New(canvas)) {
		for j, cell := range row {
			if cells[i][j] != nil {
				cells[i][j].Draw(cell)
			}
		}
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	if _, err := canvas.WriteTo(f); err != nil {
		return err
	}
	return f.Close()
}
