package sqs

import (
	"context"
	"errors"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// The largest step of a move task: so many messages, or so many bytes.
const (
	moveChunk = 100
	moveBytes = 1 << 20
)

// move runs a move task in the background, as the caller of ctx's request, until it ends or the service closes.
func (s *Service) move(ctx context.Context, t *task) {
	s.background(func() { s.moveAll(ctx, t) })
}

func (s *Service) moveAll(ctx context.Context, t *task) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(s.done, cancel)
	defer stop()
	key := taskKey(t)
	damaged := map[order]bool{}
	for moved := t.Moved; ; {
		limit, wait := t.budget(moved, s.clock.Now())
		if limit == 0 {
			if !s.sleep(ctx, wait) {
				return
			}
			continue
		}
		n, err := s.moveSome(ctx, key, limit, damaged)
		if errors.Is(err, errAgain) {
			continue
		}
		moved += int64(n)
		if err != nil || n == 0 || moved >= t.ToMove {
			// When the service closes, the task stays as it is; it goes on at the next start.
			if ctx.Err() == nil {
				s.endTask(ctx, key, err)
			}
			return
		}
	}
}

// CatchUp runs the move tasks to their end, where the service is idle.
func (s *Service) CatchUp(context.Context) error {
	running, err := s.running()
	for _, t := range running {
		s.moveAll(s.asStarter(t), t)
	}
	return err
}

// resume goes on with the tasks that ran when the service last ended.
func (s *Service) resume() {
	running, _ := s.running() // the store is closed otherwise: there are no tasks to go on with
	for _, t := range running {
		s.move(s.asStarter(t), t)
	}
}

// running are the tasks that have not ended.
func (s *Service) running() (running []*task, err error) {
	err = s.engine.View(s.done, func(r store.Reader) error {
		running = nil
		for _, t := range s.tasks.Scan(r, "", "", store.All) {
			if t.Status == taskRunning {
				running = append(running, t)
			}
		}
		return nil
	})
	return running, err
}

// asStarter is a request by the principal that started a task, with the permissions
// that it has now. A principal that was deleted has none, even where a new one has
// its name.
func (s *Service) asStarter(t *task) context.Context {
	caller := &api.Caller{Principal: policyeval.Principal{Type: policyeval.User, Account: t.Account, ARN: t.Principal}}
	if s.principal != nil {
		if c, err := s.principal(s.done, t.Account, t.Region, t.Principal); err == nil && (t.PrincipalID == "" || c.ID == t.PrincipalID) {
			caller = c
		}
	}
	return api.WithRequest(context.Background(), &api.Request{
		ID: s.ids.UUID(), Caller: caller, Account: t.Account, Region: t.Region,
		Time: s.clock.Now(), SecureTransport: true,
	})
}

// budget is how many messages may be moved now, or how long to wait until one may.
func (t *task) budget(moved int64, now time.Time) (limit int, wait time.Duration) {
	if t.Rate == nil {
		return moveChunk, 0
	}
	interval := time.Second / time.Duration(*t.Rate)
	due := time.UnixMilli(t.Started).Add(time.Duration(moved) * interval)
	if now.Before(due) {
		return 0, due.Sub(now)
	}
	return int(min(moveChunk, 1+now.Sub(due)/interval)), 0
}

// sleep waits by the clock. It reports false where ctx ended first.
func (s *Service) sleep(ctx context.Context, d time.Duration) bool {
	timer := s.clock.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// endTask writes down how a task ended: with nothing more to move, or with an error.
func (s *Service) endTask(ctx context.Context, key string, cause error) {
	err := s.engine.Update(ctx, func(tx store.Tx) error {
		t := s.tasks.Edit(tx, key)
		if t == nil || t.Status != taskRunning {
			return nil
		}
		t.Status = taskCompleted
		if cause != nil {
			t.Status, t.FailureReason = taskFailed, api.AsError(cause).Query()
		}
		s.tasks.Put(tx, key, t)
		return nil
	})
	if err != nil {
		return // the service closes: the task goes on when it starts again
	}
}

// moving is a message on its way from the dead-letter queue.
type moving struct {
	candidate
	message *message
	to      *queue
	// stored is the message as it is sent anew, encrypted with key.
	stored []byte
	key    dataKey
}

var (
	// errAgain: the queues have changed since they were read.
	errAgain = errors.New("sqs: the queues changed meanwhile")
	// errSource: a message without an origin, of a task without a destination.
	errSource = &api.Error{Code: "CouldNotDetermineMessageSource"}
)

// moveStep is what a task moves next.
type moveStep struct {
	task   *task
	source *queue
	load   []moving
	// damaged are messages that cannot be read: they stay where they are.
	damaged []order
}

// moveSome moves up to limit messages. It answers 0 where none are left except the
// damaged ones, which it adds to damaged.
func (s *Service) moveSome(ctx context.Context, key string, limit int, damaged map[order]bool) (int, error) {
	now := s.clock.Now()
	h, err := s.loadStep(ctx, key, limit, damaged, now)
	if errors.Is(err, errDue) {
		if err := s.catchUp(ctx, h.source); err != nil && !errors.Is(err, api.ErrChanged) {
			return 0, err
		}
		return 0, errAgain
	}
	if err != nil {
		return 0, err
	}
	for _, o := range h.damaged {
		damaged[o] = true
		s.tellDamaged(h.source, o, errDamaged)
	}
	loaded := len(h.load)
	if err := s.resendAll(ctx, h, damaged, now); err != nil || loaded == 0 {
		return 0, err
	}
	if len(h.load) == 0 {
		return 0, errAgain // to go on behind what is damaged
	}
	moved, err := s.commitStep(ctx, key, h, now)
	if err != nil {
		return 0, err
	}
	for i := range h.load {
		s.waiters.wake(h.load[i].to.arn)
	}
	return moved, nil
}

// loadStep reads what a task moves next, without the messages known to be damaged.
func (s *Service) loadStep(ctx context.Context, key string, limit int, damaged map[order]bool, now time.Time) (h *moveStep, err error) {
	err = s.engine.View(ctx, func(r store.Reader) (err error) {
		h = new(moveStep)
		t := s.tasks.Get(r, key)
		if h.task = t; t == nil || t.Status != taskRunning || t.Moved >= t.ToMove {
			return nil
		}
		limit := min(int64(limit), t.ToMove-t.Moved)
		from, _ := nameOf(t.Source)
		if h.source, err = s.get(r, from); err != nil {
			return err
		}
		v := look(r, h.source, now)
		if v.anyDue() {
			return errDue
		}
		bytes := 0
		for c := range v.candidates {
			if damaged[c.o] {
				continue
			}
			m := v.message(c.o)
			if m == nil {
				h.damaged = append(h.damaged, c.o)
				continue
			}
			destination := cmpOr(t.Destination, m.DeadLetterSource)
			to, ok := nameOf(destination)
			if !ok {
				return errSource
			}
			q, err := s.get(r, to)
			if err != nil {
				return err
			}
			h.load = append(h.load, moving{candidate: c, message: m, to: q})
			if bytes += len(m.Body); int64(len(h.load)) == limit || bytes >= moveBytes {
				break
			}
		}
		return nil
	})
	return h, err
}

// resendAll encrypts anew the messages of a step. One that cannot be decrypted,
// because it is damaged, is removed from the step and added to damaged.
func (s *Service) resendAll(ctx context.Context, h *moveStep, damaged map[order]bool, now time.Time) error {
	keys := keyring{}
	whole := h.load[:0]
	for _, m := range h.load {
		err := s.resend(ctx, h.source, &m, keys, now)
		if errors.Is(err, errDamaged) {
			damaged[m.o] = true
			s.tellDamaged(h.source, m.o, err)
			continue
		}
		if err != nil {
			return err
		}
		whole = append(whole, m)
	}
	h.load = whole
	return nil
}

// resend encrypts a message anew for the queue that it goes to.
func (s *Service) resend(ctx context.Context, source *queue, m *moving, keys keyring, now time.Time) error {
	if keys.missing(m.message) {
		if err := s.fetch(ctx, source, m.message, keys); err != nil {
			return err
		}
	}
	body, err := s.open(m.message, keys)
	if err != nil {
		return err
	}
	sealer, err := s.sealer(ctx, m.to)
	if err != nil {
		return err
	}
	anew := *m.message
	anew.ID, anew.Sent, anew.DeadLetterSource = s.ids.UUID(), millis(now), ""
	anew.dataKey = dataKey{}
	m.stored = sealer.seal(&anew, body)
	m.key = anew.dataKey
	return nil
}

// commitStep moves what was read and encrypted anew, all or nothing.
func (s *Service) commitStep(ctx context.Context, key string, h *moveStep, now time.Time) (moved int, err error) {
	source, load := h.source, h.load
	err = s.engine.Update(ctx, func(tx store.Tx) error {
		moved = 0
		current := s.tasks.Edit(tx, key)
		if current == nil || current.Status != taskRunning {
			return nil // it was canceled
		}
		if q := s.queues.Get(tx, source.name().key()); q == nil || q.Backlog != source.Backlog || current.Moved != h.task.Moved {
			return errAgain
		}
		from := openBacklog(tx, source, now)
		for i := range load {
			m := &load[i]
			st := from.state(m.o, m.group)
			if st == nil || st.deadline != 0 {
				continue // somebody received it meanwhile
			}
			q := s.queues.Get(tx, m.to.name().key())
			if q == nil || q.encryption() != m.to.encryption() {
				return errAgain
			}
			from.remove(m.o, m.group, st)
			to := from.beside(q)
			to.put(m.message.Group, &m.key, m.stored, q.delay)
			to.close()
			moved++
		}
		from.close()
		current.Moved += int64(moved)
		s.tasks.Put(tx, key, current)
		return nil
	})
	if err == nil && moved == 0 && len(load) > 0 {
		err = s.stillRunning(ctx, key)
	}
	return moved, err
}

// stillRunning is errAgain where the task still runs: somebody else has taken the
// messages that it wanted to move, so it reads again.
func (s *Service) stillRunning(ctx context.Context, key string) error {
	return s.engine.View(ctx, func(r store.Reader) error {
		if t := s.tasks.Get(r, key); t != nil && t.Status == taskRunning {
			return errAgain
		}
		return nil
	})
}
