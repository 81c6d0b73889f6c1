package main

import "fmt"

// rival compares the CPU time of requests with that of another emulator, which
// checks and encrypts as much as it does by itself.
func rival(b *bench) ([]row, error) {
	if b.rival == "" {
		return nil, nil
	}
	other := new(server)
	if _, err := fmt.Sscanf(b.rival, "%d@%s", &other.pid, &other.addr); err != nil {
		return nil, fmt.Errorf("-rival %s: %w", b.rival, err)
	}
	s, err := b.waxseal()
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, load := range []struct {
		what string
		prepare
	}{
		{"SendMessage", onQueue(sendKibibyte)},
		{"SendMessageBatch of ten", onQueue(batchKibibytes)},
		{"Send, receive, delete", onQueue(cycling)},
	} {
		m, err := b.alternate(b.cpu(s, load.prepare), b.cpu(other, load.prepare))
		if err != nil {
			return nil, err
		}
		rows = append(rows, row{what: "CPU: " + load.what, ours: micros(m[0]), against: "rival", beside: micros(m[1])})
	}
	return rows, nil
}
