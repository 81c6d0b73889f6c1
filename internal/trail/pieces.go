package trail

// Piece is memory that entries of logs share: what many of them say alike is kept once.
// It is part of what it is the size of.
type Piece struct {
	// Size is how many bytes it takes, without its parts.
	Size int
	// Parts are the pieces that it refers to.
	Parts []*Piece
}

// Pieces counts the pieces that are kept in memory. One that is held several times counts
// once. The zero value has none.
type Pieces struct {
	held  map[*Piece]int // how many times
	bytes int
}

// Bytes is how many bytes the pieces take.
func (h *Pieces) Bytes() int { return h.bytes }

// Hold counts a piece with its parts; nil: there is none.
func (h *Pieces) Hold(p *Piece) {
	if p == nil {
		return
	}
	if h.held == nil {
		h.held = map[*Piece]int{}
	}
	if h.held[p]++; h.held[p] == 1 {
		h.bytes += p.Size
		for _, part := range p.Parts {
			h.Hold(part)
		}
	}
}

// Swap is Release of one and Hold of another.
func (h *Pieces) Swap(from, to *Piece) {
	if from != to {
		h.Hold(to)
		h.Release(from)
	}
}

// Release undoes a Hold.
func (h *Pieces) Release(p *Piece) {
	if p == nil {
		return
	}
	if h.held[p]--; h.held[p] == 0 {
		delete(h.held, p)
		h.bytes -= p.Size
		for _, part := range p.Parts {
			h.Release(part)
		}
	}
}
