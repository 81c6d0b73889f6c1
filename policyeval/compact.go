package policyeval

import "encoding/binary"

// AppendSet appends the keys that are set in the context, with their values, in a compact
// form, which SetFrom reads. Keys of the source are not among them.
func (c *Context) AppendSet(dst []byte) []byte {
	for i := range c.entries {
		e := &c.entries[i]
		dst = appendText(dst, e.key)
		if e.list == 0 {
			dst = appendText(append(dst, 0), e.value)
			continue
		}
		values := c.lists[e.list-1]
		dst = binary.AppendUvarint(dst, uint64(len(values)))
		for _, value := range values {
			dst = appendText(dst, value)
		}
	}
	return dst
}

func appendText(dst []byte, text string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(text))), text...)
}

// SetFrom sets the keys that AppendSet has written. Their texts are parts of form.
func (c *Context) SetFrom(form string) {
	number := func() uint64 {
		n := uint64(0)
		for shift := 0; ; shift += 7 {
			b := form[0]
			form = form[1:]
			if n |= uint64(b&0x7f) << shift; b < 0x80 {
				return n
			}
		}
	}
	text := func() string {
		n := number()
		t := form[:n]
		form = form[n:]
		return t
	}
	for form != "" {
		key, n := text(), number()
		if n == 0 {
			c.Set(key, text())
			continue
		}
		list := make([]string, n)
		for i := range list {
			list[i] = text()
		}
		c.SetList(key, list)
	}
}
