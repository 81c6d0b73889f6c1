package s3

import (
	"fmt"
	"strconv"
	"strings"
)

// extent is a part of a body.
type extent struct{ offset, length int64 }

// contentRange is the extent as Content-Range tells it.
func (e extent) contentRange(size int64) string {
	return fmt.Sprintf("bytes %d-%d/%d", e.offset, e.offset+e.length-1, size)
}

// parseRange is the part of a body of a size that a Range header asks for; false: the
// header asks for nothing that can be a range, and is ignored [S065] [S066].
func parseRange(header string, size int64) (e extent, partial bool, err error) {
	spec, ok := strings.CutPrefix(header, "bytes=")
	from, to, found := strings.Cut(strings.TrimSpace(spec), "-")
	if !ok || !found || strings.Contains(spec, ",") {
		return extent{0, size}, false, nil
	}
	if from == "" {
		return suffixRange(header, to, size)
	}
	first, ok := digits(from)
	if !ok {
		return extent{0, size}, false, nil
	}
	last := size - 1
	if to != "" {
		n, ok := digits(to)
		if !ok || n < first {
			return extent{0, size}, false, nil
		}
		last = min(last, n)
	}
	if first >= size {
		return extent{}, false, invalidRange(header, size)
	}
	return extent{first, last - first + 1}, true, nil
}

// suffixRange is the part that a number of bytes at the end of a body are.
func suffixRange(header, number string, size int64) (extent, bool, error) {
	n, ok := digits(number)
	switch {
	case !ok:
		return extent{0, size}, false, nil
	case n == 0 || size == 0:
		return extent{}, false, invalidRange(header, size)
	}
	n = min(n, size)
	return extent{size - n, n}, true, nil
}

// digits is a number of nothing but digits.
func digits(text string) (int64, bool) {
	if text == "" || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		const huge = 1 << 62
		n = huge
	}
	return n, true
}

func invalidRange(header string, size int64) error {
	return ErrInvalidRange.Detailed("ActualObjectSize", strconv.FormatInt(size, 10)).Detailed("RangeRequested", header) // [S014]
}
