package rowsource

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
)

// workbook is what an XLSX file says outside of its sheets. A library reads such files
// too, but gives a cell either as text alone, from which nobody can tell a number from
// the same digits as text and a date from a number, or with the whole sheet in memory;
// and it takes a sheet that is cut off for one that ends there.
type workbook struct {
	parts    map[string]*zip.File
	sheets   []sheet
	date1904 bool
	styles   []numberFormat // by the number of a cell's style
	strings  *sharedStrings
}

type sheet struct {
	name, part string
	hidden     bool
}

// openWorkbook reads the parts that lead to the sheets.
func openWorkbook(c *container, textLimit int) (*workbook, error) {
	z, err := zip.NewReader(c, c.size)
	if err != nil {
		return nil, fmt.Errorf("it is no XLSX file: %w", err)
	}
	w := &workbook{parts: make(map[string]*zip.File, len(z.File))}
	for _, f := range z.File {
		w.parts[strings.ToLower(strings.TrimPrefix(f.Name, "/"))] = f
	}
	top, err := w.relations("_rels/.rels", "")
	if err != nil {
		return nil, fmt.Errorf("it is no XLSX file: %w", err)
	}
	book := top.ofType("/officeDocument")
	if book == "" || strings.HasSuffix(book, ".bin") {
		return nil, errors.New("it is no XLSX file: it has no workbook as XML; save it as XLSX")
	}
	folder, file := path.Split(book)
	parts, err := w.relations(folder+"_rels/"+file+".rels", folder)
	if err != nil {
		return nil, err
	}
	if err := w.readBook(book, parts); err != nil {
		return nil, err
	}
	if err := w.readStyles(parts.ofType("/styles")); err != nil {
		return nil, err
	}
	w.strings, err = w.readStrings(parts.ofType("/sharedStrings"), textLimit)
	return w, err
}

func (w *workbook) Close() error {
	if w.strings == nil {
		return nil
	}
	return w.strings.Close()
}

// part opens a part by its name, in whatever case.
func (w *workbook) part(name string) (*xmlPart, error) {
	f, ok := w.parts[strings.ToLower(name)]
	if !ok {
		return nil, fmt.Errorf("it lacks its part %s: the file is damaged; save it again", name)
	}
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("open its part %s: %w", name, err)
	}
	return newXMLPart(name, r), nil
}

type relation struct{ id, kind, target string }

type relations []relation

func (rs relations) ofType(ending string) string {
	for _, r := range rs {
		if strings.HasSuffix(r.kind, ending) {
			return r.target
		}
	}
	return ""
}

func (rs relations) byID(id string) string {
	for _, r := range rs {
		if r.id == id && strings.HasSuffix(r.kind, "/worksheet") {
			return r.target
		}
	}
	return ""
}

// relations reads which parts belong to one in the folder.
func (w *workbook) relations(name, folder string) (relations, error) {
	p, err := w.part(name)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	var rs relations
	err = p.each(func(e xml.StartElement) error {
		if e.Name.Local != "Relationship" || attribute(e, "TargetMode") == "External" {
			return nil
		}
		target := attribute(e, "Target")
		if strings.HasPrefix(target, "/") {
			target = strings.TrimPrefix(target, "/")
		} else {
			target = path.Join(folder, target)
		}
		rs = append(rs, relation{attribute(e, "Id"), attribute(e, "Type"), target})
		return nil
	})
	return rs, err
}

func (w *workbook) readBook(name string, parts relations) error {
	p, err := w.part(name)
	if err != nil {
		return err
	}
	defer p.Close()
	return p.each(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "workbookPr":
			w.date1904 = isTrue(attribute(e, "date1904"))
		case "sheet":
			id := ""
			for _, a := range e.Attr { // it has a namespace, and "sheetId" has none
				if a.Name.Local == "id" {
					id = a.Value
				}
			}
			if part := parts.byID(id); part != "" { // a chart has a sheet too
				w.sheets = append(w.sheets, sheet{name: attribute(e, "name"), part: part, hidden: attribute(e, "state") != "" && attribute(e, "state") != "visible"})
			}
		}
		return nil
	})
}

// choose is the sheet of that name, or the only one that is visible and has values.
func chooseSheet(sheets []sheet, name string, hasValues func(sheet) (bool, error)) (sheet, error) {
	if name != "" {
		i := slices.IndexFunc(sheets, func(s sheet) bool { return s.name == name })
		if i < 0 {
			return sheet{}, fmt.Errorf("it has no sheet %q; there are %s", name, sheetNames(sheets))
		}
		return sheets[i], nil
	}
	var full []sheet
	for _, s := range sheets {
		if s.hidden {
			continue
		}
		has, err := hasValues(s)
		if err != nil {
			return sheet{}, err
		}
		if has {
			full = append(full, s)
		}
	}
	switch {
	case len(full) == 1:
		return full[0], nil
	case len(full) > 1:
		return sheet{}, remedied(fmt.Sprintf("it has %d sheets with values: %s: choose one", len(full), sheetNames(full)), RemedySheet)
	case len(sheets) > 0:
		return sheet{}, remedied(fmt.Sprintf("no visible sheet of it has a value; there are %s", sheetNames(sheets)), RemedySheet)
	default:
		return sheet{}, errors.New("it has no sheet")
	}
}

func sheetNames(sheets []sheet) string {
	const most = 10
	var names []string
	for i, s := range sheets {
		if i == most {
			names = append(names, fmt.Sprintf("and %d more", len(sheets)-most))
			break
		}
		shown := Text(s.name).String()
		if s.hidden {
			shown += " (hidden)"
		}
		names = append(names, shown)
	}
	return strings.Join(names, ", ")
}

// newXLSXReader reads up to the header.
func newXLSXReader(c *container, o sheetOptions) (Reader, error) {
	w, err := openWorkbook(c, o.textLimit)
	if err != nil {
		if w != nil {
			w.Close()
		}
		return nil, err
	}
	g, err := w.open(o.sheet)
	if err != nil {
		w.Close()
		return nil, err
	}
	r, err := newGridReader(c, FormatXLSX, g, o.within, o.headerRow, o.nulls)
	if err != nil {
		g.Close()
		return nil, err
	}
	return r, nil
}

func (w *workbook) open(name string) (grid, error) {
	s, err := chooseSheet(w.sheets, name, func(s sheet) (bool, error) {
		g, err := w.sheet(s)
		if err != nil {
			return false, err
		}
		defer g.part.Close()
		row, err := g.next()
		if err == io.EOF {
			return false, nil
		}
		return len(row.cells) > 0, err
	})
	if err != nil {
		return nil, err
	}
	return w.sheet(s)
}

func (w *workbook) sheet(s sheet) (*xlsxGrid, error) {
	p, err := w.part(s.part)
	if err != nil {
		return nil, err
	}
	return &xlsxGrid{book: w, part: p}, nil
}
