package trail

import (
	"slices"
	"sync"
	"testing"
)

// counted is a log of numbers that keeps three, each of one byte.
func counted(dropped func(int)) *Log[int] {
	return NewLog(Limits[int]{Entries: 3, Bytes: 1000, Size: func(int) int { return 1 }, Dropped: dropped})
}

func TestNewestFirstAndBounded(t *testing.T) {
	var dropped []int
	l := counted(func(n int) { dropped = append(dropped, n) })
	for i, want := range [][]int{{}, {1}, {2, 1}, {3, 2, 1}, {4, 3, 2}, {5, 4, 3}, {6, 5, 4}, {7, 6, 5}} {
		if i > 0 {
			dropped = nil
			l.Add(i)
			if i <= 3 && len(dropped) > 0 || i > 3 && !slices.Equal(dropped, []int{i - 3}) {
				t.Errorf("Add(%d) dropped %d", i, dropped)
			}
		}
		if got := slices.Collect(l.Newest()); !slices.Equal(got, want) {
			t.Fatalf("after %d entries: %v, want %v", i, got, want)
		}
	}
	for first := range l.Newest() {
		if first != 7 {
			t.Errorf("first = %d", first)
		}
		break
	}
}

func TestFollow(t *testing.T) {
	l := counted(nil)
	l.Add(1)
	added, stop := l.Follow()
	at := l.Added()
	l.Add(2)
	l.Add(3)
	<-added
	got, at := l.After(at, 10)
	if !slices.Equal(got, []int{2, 3}) || at != 3 {
		t.Errorf("followed %v up to %d, want 2 and 3", got, at)
	}
	if got, at = l.After(at, 10); len(got) != 0 || at != 3 {
		t.Errorf("then came %v up to %d", got, at)
	}
	stop()
	l.Add(4)
	select {
	case <-added:
		t.Error("told after the end")
	default:
	}
}

// Whoever asks late gets what is still kept, piece by piece.
func TestAfterIsOfWhatIsKept(t *testing.T) {
	l := counted(nil)
	for i := range 20 {
		l.Add(i + 1)
	}
	l.Remove(func(n int) bool { return n == 19 })
	kept := slices.Collect(l.Newest())
	slices.Reverse(kept)
	var got []int
	for at := uint64(1); ; {
		piece, last := l.After(at, 3)
		if len(piece) == 0 {
			break
		}
		if got = append(got, piece...); len(piece) > 3 || last != uint64(piece[len(piece)-1]) {
			t.Fatalf("%v up to %d", piece, last)
		}
		at = last
	}
	if !slices.Equal(got, kept) || len(kept) == 0 || slices.Contains(got, 19) {
		t.Errorf("%v, want %v", got, kept)
	}
}

func TestSlowFollowerDoesNotBlock(t *testing.T) {
	l := counted(nil)
	_, stop := l.Follow()
	defer stop()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range 100 {
				l.Add(i)
				l.Newest()
			}
		})
	}
	wg.Wait()
}

func TestBytesAreBounded(t *testing.T) {
	var dropped []int
	l := NewLog(Limits[int]{Entries: 100, Bytes: 10, Size: func(n int) int { return n }, Dropped: func(n int) { dropped = append(dropped, n) }})
	for _, size := range []int{1, 2, 3, 4} {
		l.Add(size)
	}
	if len(dropped) > 0 || l.Bytes() != 10 {
		t.Fatalf("dropped %v of what the budget holds; %d bytes", dropped, l.Bytes())
	}
	l.Add(5)
	if !slices.Equal(dropped, []int{1, 2, 3}) || l.Bytes() != 9 {
		t.Errorf("dropped %v, %d bytes are left", dropped, l.Bytes())
	}
	l.Add(99) // the newest is kept, whatever it takes
	if got := slices.Collect(l.Newest()); !slices.Equal(got, []int{99}) {
		t.Errorf("kept %v", got)
	}
	l.Add(1)
	if got := slices.Collect(l.Newest()); !slices.Equal(got, []int{1}) || l.Bytes() != 1 {
		t.Errorf("kept %v, %d bytes", got, l.Bytes())
	}
}

func TestRemove(t *testing.T) {
	var dropped []int
	l := NewLog(Limits[int]{Entries: 4, Bytes: 100, Size: func(n int) int { return n }, Dropped: func(n int) { dropped = append(dropped, n) }})
	for n := range 6 {
		l.Add(n)
	}
	dropped = nil
	l.Remove(func(n int) bool { return n%2 == 0 })
	if got := slices.Collect(l.Newest()); !slices.Equal(got, []int{5, 3}) || l.Bytes() != 8 || !slices.Equal(dropped, []int{2, 4}) {
		t.Errorf("kept %v, %d bytes; dropped %v", got, l.Bytes(), dropped)
	}
	l.Add(6)
	if got := slices.Collect(l.Newest()); !slices.Equal(got, []int{6, 5, 3}) {
		t.Errorf("then kept %v", got)
	}
}

func TestSharedPiecesCountOnce(t *testing.T) {
	document := &Piece{Size: 1000}
	one, other := &Piece{100, []*Piece{document}}, &Piece{10, []*Piece{document, document}}
	l := NewLog(Limits[*Piece]{Entries: 2, Bytes: 1 << 20, Size: func(*Piece) int { return 1 }, Piece: func(p *Piece) *Piece { return p }})
	for _, step := range []struct {
		add  *Piece
		want int
	}{
		{one, 1 + 1100}, {other, 2 + 1110}, {other, 2 + 1010}, {other, 2 + 1010}, {one, 2 + 1110}, {nil, 1 + 1101}, {nil, 2},
	} {
		if l.Add(step.add); l.Bytes() != step.want {
			t.Errorf("%d bytes, want %d", l.Bytes(), step.want)
		}
	}
}

func TestReplace(t *testing.T) {
	var dropped []int
	l := NewLog(Limits[int]{Entries: 3, Bytes: 100, Size: func(n int) int { return n }, Dropped: func(n int) { dropped = append(dropped, n) }})
	for n := range 5 {
		l.Add(n)
	}
	dropped = nil
	if l.Replace(2, 50) || !l.Replace(4, 60) || l.Bytes() != 2+60+4 || len(dropped) > 0 {
		t.Errorf("%d bytes, dropped %v", l.Bytes(), dropped)
	}
	if got := slices.Collect(l.Newest()); !slices.Equal(got, []int{4, 60, 2}) {
		t.Errorf("kept %v", got)
	}
	if l.Replace(4, 1000); l.Bytes() > 100 {
		t.Errorf("%d bytes", l.Bytes())
	}
}

func TestCutKeepsWholeCharacters(t *testing.T) {
	for _, c := range []struct {
		text  string
		limit int
		want  string
	}{{"abc", 3, "abc"}, {"abc", 2, "ab"}, {"aé", 2, "a"}, {"é", 1, ""}, {"", 0, ""}} {
		if got := Cut(c.text, c.limit); got != c.want {
			t.Errorf("Cut(%q, %d) = %q", c.text, c.limit, got)
		}
	}
}
