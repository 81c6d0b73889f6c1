package trail

import (
	"slices"
	"sync"
	"testing"
)

func TestNewestFirstAndBounded(t *testing.T) {
	l := NewLog[int](3)
	for i, want := range [][]int{{}, {1}, {2, 1}, {3, 2, 1}, {4, 3, 2}, {5, 4, 3}, {6, 5, 4}, {7, 6, 5}} {
		if i > 0 {
			if dropped, full := l.Add(i); full != (i > 3) || full && dropped != i-3 {
				t.Errorf("Add(%d) dropped %d, %v", i, dropped, full)
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
	l := NewLog[int](3)
	l.Add(1)
	c, stop := l.Follow()
	l.Add(2)
	if got := <-c; got != 2 {
		t.Errorf("followed %d, want 2", got)
	}
	stop()
	l.Add(3)
	select {
	case got := <-c:
		t.Errorf("got %d after the end", got)
	default:
	}
}

func TestSlowFollowerDoesNotBlock(t *testing.T) {
	l := NewLog[int](3)
	_, stop := l.Follow()
	defer stop()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range followBuffer {
				l.Add(i)
				l.Newest()
			}
		})
	}
	wg.Wait()
}
