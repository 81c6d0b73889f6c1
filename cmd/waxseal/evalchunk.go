package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// chunk is some lines of a file, which one goroutine decides.
type chunk struct {
	name   string // the file's
	number int    // of the first line
	lines  []byte
	end    error // io.EOF, or why nothing more is read of the file; nil: there may be more

	decided chan struct{} // closed when what follows is there
	output  []byte
	failed  int
	err     error
}

// chunkSize is how much is read at once: enough that handing it on costs little. Whoever
// writes one line gets its answer before the next, because a chunk is what there is to read.
const chunkSize = 64 << 10

// maxLine bounds the memory that a line takes which does not end.
const maxLine = 16 << 20

// pipeline decides the cases of files on all processors: one goroutine reads, others decide,
// and the caller's writes the results in order. The chunks in it are few.
type pipeline struct {
	work, order chan *chunk
	stop        chan struct{} // closed when nobody wants more results
	written     sync.Pool     // of chunks whose memory is used again
}

// evalFiles decides the cases of the files and writes the results.
func evalFiles(files []string, stdin io.Reader, out io.Writer, explain bool) error {
	workers := runtime.GOMAXPROCS(0)
	p := &pipeline{work: make(chan *chunk), order: make(chan *chunk, 2*workers), stop: make(chan struct{})}
	defer close(p.stop)
	go p.read(files, stdin)
	var deciding sync.WaitGroup
	for range workers {
		deciding.Go(func() {
			e := newEvaluator(explain)
			for c := range p.work {
				c.decide(e)
				close(c.decided)
			}
		})
	}
	failed := 0
	for c := range p.order {
		<-c.decided
		if len(c.output) > 0 {
			if _, err := out.Write(c.output); err != nil {
				return err
			}
		}
		if c.err != nil {
			return c.err
		}
		failed += c.failed
		p.written.Put(c)
	}
	deciding.Wait()
	if failed > 0 {
		return no("not decided as expected: %s", plural(uint64(failed), "case"))
	}
	return nil
}

// read reads the files to their ends, or until nobody wants more.
func (p *pipeline) read(files []string, stdin io.Reader) {
	defer close(p.order)
	defer close(p.work)
	for _, name := range files {
		if !p.file(name, stdin) {
			return
		}
	}
}

func (p *pipeline) file(name string, stdin io.Reader) bool {
	r := stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return p.pass(&chunk{end: err}) // which names the file
		}
		defer func() { _ = f.Close() }()
		r = f
	}
	var begun []byte // of a line whose end is not read yet
	for number := 1; ; {
		c, ok := p.written.Get().(*chunk)
		if !ok {
			c = &chunk{}
		}
		*c = chunk{name: name, number: number, lines: c.lines, output: c.output[:0]}
		begun = append(begun[:0], c.read(r, begun)...)
		lines, end := bytes.Count(c.lines, []byte{'\n'}), c.end
		if !p.pass(c) || end != nil { // and is no longer ours
			return errors.Is(end, io.EOF)
		}
		number += lines
	}
}

// read reads whole lines, at least one, and begins with what was read of the first before. It
// returns what it has read of the line behind them.
func (c *chunk) read(r io.Reader, begun []byte) []byte {
	buffer := append(slices.Grow(c.lines[:0], len(begun)+chunkSize), begun...)
	for len(buffer) <= maxLine {
		if len(buffer) == cap(buffer) {
			buffer = slices.Grow(buffer, len(buffer))
		}
		n, err := r.Read(buffer[len(buffer):cap(buffer)])
		newline := bytes.LastIndexByte(buffer[len(buffer):len(buffer)+n], '\n')
		end := len(buffer) + newline + 1
		buffer = buffer[:len(buffer)+n]
		switch {
		case errors.Is(err, io.EOF):
			c.lines, c.end = buffer, io.EOF
			return nil
		case err != nil:
			c.lines, c.end = buffer, fmt.Errorf("%s: %w", c.name, err)
			return nil
		case newline >= 0:
			c.lines = buffer[:end]
			return buffer[end:]
		}
	}
	c.end = fmt.Errorf("%s:%d:1: a line of more than %d MiB", c.name, c.number, maxLine>>20)
	return nil
}

// pass hands a chunk on; false: nobody wants it.
func (p *pipeline) pass(c *chunk) bool {
	c.decided = make(chan struct{})
	for _, next := range [...]chan *chunk{p.order, p.work} {
		select {
		case next <- c:
		case <-p.stop:
			return false
		}
	}
	return true
}

// decide decides the cases of a chunk, up to the first that is wrong.
func (c *chunk) decide(e *evaluator) {
	e.output = c.output
	text := string(c.lines)
	for begin, number := 0, c.number; begin < len(text) && c.err == nil; number++ {
		end := len(text)
		if i := strings.IndexByte(text[begin:], '\n'); i >= 0 {
			end = begin + i + 1
		}
		c.line(e, number, text[begin:end])
		begin = end
	}
	c.output = e.output
	if c.err == nil && !errors.Is(c.end, io.EOF) {
		c.err = c.end
	}
}

func (c *chunk) line(e *evaluator, number int, text string) {
	if strings.TrimSpace(text) == "" {
		return
	}
	expected, err := e.line(text)
	if wrong, ok := errors.AsType[*caseError](err); ok {
		err = fmt.Errorf("%s:%d:%d: %w", c.name, number, wrong.column, err)
	}
	c.err = err
	if err == nil && !expected {
		c.failed++
	}
}
