package rowsource

import (
	"bufio"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// xmlPart is a part of a zip file that holds XML.
type xmlPart struct {
	name    string
	content io.Closer
	bytes   *boundedReader // its read is set to 0 at each row
	decoder *xml.Decoder
}

func newXMLPart(name string, content io.ReadCloser) *xmlPart {
	p := &xmlPart{name: name, content: content, bytes: &boundedReader{src: content, limit: recordLimit}}
	p.decoder = xml.NewDecoder(bufio.NewReaderSize(p.bytes, chunkSize))
	return p
}

func (p *xmlPart) Close() error { return p.content.Close() }

// token is the next one; io.EOF only at the end of a whole part.
func (p *xmlPart) token() (xml.Token, error) {
	t, err := p.decoder.Token()
	if err == nil || err == io.EOF {
		return t, err
	}
	if errors.Is(err, errTooLong) {
		return nil, fmt.Errorf("a row or a text in its part %s is longer than %d bytes", p.name, p.bytes.limit)
	}
	return nil, p.damaged(err)
}

func (p *xmlPart) damaged(err error) error {
	return fmt.Errorf("its part %s is damaged: %w: save the file again", p.name, err)
}

// skip reads past the element that has begun.
func (p *xmlPart) skip() error {
	for depth := 1; depth > 0; {
		t, err := p.token()
		if err != nil {
			return unexpected(err)
		}
		switch t.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		}
	}
	return nil
}

// text reads the text of the element that has begun.
func (p *xmlPart) text(b *strings.Builder) error {
	for depth := 1; depth > 0; {
		t, err := p.token()
		if err != nil {
			return unexpected(err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		case xml.CharData:
			b.Write(t)
		}
	}
	return nil
}

// richText reads the text of an element that has it in one piece or in several. How a
// text is to be spoken (rPh) is no part of it.
func (p *xmlPart) richText(b *strings.Builder) error {
	for {
		t, err := p.token()
		if err != nil {
			return unexpected(err)
		}
		switch e := t.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "t":
				var piece strings.Builder
				err = p.text(&piece)
				b.WriteString(unescapeXString(piece.String()))
			case "r":
				err = p.richText(b)
			default:
				err = p.skip()
			}
			if err != nil {
				return err
			}
		case xml.EndElement:
			return nil
		}
	}
}

// each calls f at the start of each element. What f reads is passed.
func (p *xmlPart) each(f func(xml.StartElement) error) error {
	return p.eachToken(func(start *xml.StartElement, _ *xml.EndElement) error {
		if start == nil {
			return nil
		}
		return f(*start)
	})
}

// eachToken calls f at the start and at the end of each element.
func (p *xmlPart) eachToken(f func(*xml.StartElement, *xml.EndElement) error) error {
	for {
		t, err := p.token()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		switch e := t.(type) {
		case xml.StartElement:
			err = f(&e, nil)
		case xml.EndElement:
			err = f(nil, &e)
		}
		if err != nil {
			return err
		}
	}
}

// attribute is the value of an attribute without a namespace.
func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Space == "" && a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// isTrue reads a truth value of XML Schema.
func isTrue(s string) bool { return s == "1" || s == "true" || s == "on" }
