package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/waxseal/waxseal/bench/load"
)

// start is the program's size, how long it takes to start, and what is resident
// when it has nothing to do.
func start(b *bench) ([]row, error) {
	info, err := os.Stat(b.program)
	if err != nil {
		return nil, err
	}
	m, err := b.alternate(b.startUp(b.waxsealBare), b.startUp(func() (*server, error) { return b.floor("") }))
	if err != nil {
		return nil, err
	}
	s, err := b.waxsealBare()
	if err != nil {
		return nil, err
	}
	var idle [2]int64
	for i := range idle {
		if err := b.wait(sinceSent); err != nil {
			return nil, err
		}
		if idle[i], err = load.Resident(s.pid); err != nil {
			return nil, err
		}
		c := load.NewClient(s.addr)
		_, err := createQueue(c, newName(), nil)
		c.Close()
		if err != nil {
			return nil, err
		}
	}
	return []row{
		{what: "Size of the program", ours: quantity{float64(info.Size()) / 1e6, "MB"}},
		{what: "Start until it is ready", ours: quantity{m[0], "ms"}, against: "floor", beside: quantity{m[1], "ms"}},
		{what: "Memory: idle, before the first request", ours: mebibytes(idle[0])},
		{what: "Memory: idle, after it", ours: mebibytes(idle[1])},
	}, nil
}

// waxsealBare starts the server with nothing declared.
func (b *bench) waxsealBare() (*server, error) {
	return b.start(b.program, "serve", "--addr", "127.0.0.1:0", "--until-eof", "--log", "error")
}

// startUp is how long a server takes to be ready, in ms.
func (b *bench) startUp(start func() (*server, error)) contestant {
	return func() (float64, error) {
		s, err := start()
		if err != nil {
			return 0, err
		}
		b.stop(s)
		return float64(s.started.Microseconds()) / 1e3, nil
	}
}

// eval is how many test cases of policies waxseal eval decides in a second.
func eval(b *bench) ([]row, error) {
	name := filepath.Join(b.dir, "cases.jsonl")
	n := b.size(60_000)
	size, err := writeCases(name, n)
	if err != nil {
		return nil, err
	}
	m, err := b.alternate(func() (float64, error) {
		cmd := exec.CommandContext(b.ctx, b.program, "eval", name)
		cmd.Stderr = b.log
		begin := time.Now()
		err := cmd.Run()
		return float64(n) / time.Since(begin).Seconds(), err
	})
	if err != nil {
		return nil, err
	}
	return []row{{what: fmt.Sprintf("waxseal eval, cases of %d bytes", size/n), ours: perSecond(m[0]), goal: fewest(100_000, "/s")}}, nil
}

// writeCases writes cases that differ in their policies, and answers the file's size.
func writeCases(name string, n int) (size int, err error) {
	f, err := os.Create(name)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := bufio.NewWriter(f)
	for i := range n {
		written, err := fmt.Fprintf(w, evalCase+"\n", i)
		if err != nil {
			return 0, err
		}
		size += written
	}
	return size, w.Flush()
}

// evalCase is a case of waxseal eval of about 1.1 kB, of a queue with a number.
const evalCase = `{"id":"%[1]d","action":"sqs:SendMessage","resource":{"arn":"arn:aws:sqs:us-east-1:123456789012:orders-%[1]d","accountId":"123456789012"},` +
	`"principal":"arn:aws:iam::123456789012:role/shop","identityPolicies":[{"Version":"2012-10-17","Statement":[` +
	`{"Sid":"Orders","Effect":"Allow","Action":["sqs:SendMessage","sqs:GetQueueUrl","sqs:GetQueueAttributes"],"Resource":"arn:aws:sqs:us-east-1:123456789012:orders-%[1]d",` +
	`"Condition":{"StringEquals":{"aws:RequestedRegion":["us-east-1","eu-central-1"]},"Bool":{"aws:SecureTransport":"true"}}},` +
	`{"Sid":"NoPurge","Effect":"Deny","Action":["sqs:PurgeQueue","sqs:DeleteQueue"],"Resource":"*"}]}],` +
	`"resourcePolicy":{"Version":"2012-10-17","Statement":[{"Sid":"PlainHTTP","Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"arn:aws:sqs:us-east-1:123456789012:orders-%[1]d",` +
	`"Condition":{"Bool":{"aws:SecureTransport":"false"}}},{"Sid":"Shop","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:role/shop"},"Action":"sqs:SendMessage","Resource":"*"}]},` +
	`"context":{"aws:RequestedRegion":"us-east-1","aws:SecureTransport":"true","aws:PrincipalTag/team":"shop","aws:SourceIp":"10.1.2.3"},"expect":"Allowed"}`

// policyevalGoals are what Go's benchmarks of package policyeval are to reach.
var policyevalGoals = []struct {
	name, what, unit string
	goal             goal
}{
	{"BenchmarkDecide/OneStatement", "policyeval: decide, one statement", "ns/op", most(350, "ns")},
	{"BenchmarkDecide/OneStatement", "policyeval: decide, one statement, garbage", "allocs/op", most(0, "allocations")},
	{"BenchmarkDecide/SendMessage", "policyeval: decide, typical", "ns/op", most(700, "ns")},
	{"BenchmarkDecide/SendMessage", "policyeval: decide, typical, garbage", "allocs/op", most(0, "allocations")},
	{"BenchmarkContext", "policyeval: a context", "ns/op", most(1000, "ns")},
	{"BenchmarkContext", "policyeval: a context, garbage", "allocs/op", most(0, "allocations")},
	{"BenchmarkParse", "policyeval: parse and compile a kB", "MB/s", most(20, "µs")},
}

// policyevalBenchmarks runs Go's benchmarks of package policyeval.
func policyevalBenchmarks(b *bench) ([]row, error) {
	cmd := exec.CommandContext(b.ctx, "go", "test", "-run", "^$", "-bench", "^Benchmark(Decide|Context|Parse)$", "-benchtime", b.round.String(), "-count", strconv.Itoa(b.rounds), "./policyeval")
	cmd.Dir, cmd.Stderr = b.source, b.log
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, out)
	}
	results, err := readBenchmarks(strings.NewReader(string(out)))
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, g := range policyevalGoals {
		values := results[g.name][g.unit]
		if len(values) == 0 {
			continue
		}
		value := median(values)
		if g.unit == "MB/s" {
			value = 1000 / value // µs for 1000 bytes
		}
		rows = append(rows, row{what: g.what, ours: quantity{value, g.goal.unit}, goal: g.goal})
	}
	return rows, nil
}

// readBenchmarks reads what go test -bench prints: values by name and unit.
func readBenchmarks(in io.Reader) (map[string]map[string][]float64, error) {
	results := map[string]map[string][]float64{}
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		if len(f) < 4 || !strings.HasPrefix(f[0], "Benchmark") {
			continue
		}
		name := f[0]
		if i := strings.LastIndexByte(name, '-'); i > 0 { // the number of cores
			name = name[:i]
		}
		if results[name] == nil {
			results[name] = map[string][]float64{}
		}
		for i := 2; i+1 < len(f); i += 2 {
			value, err := strconv.ParseFloat(f[i], 64)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", lines.Text(), err)
			}
			results[name][f[i+1]] = append(results[name][f[i+1]], value)
		}
	}
	return results, lines.Err()
}
