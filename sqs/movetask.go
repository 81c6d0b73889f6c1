package sqs

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
)

// The states of a move task.
const (
	taskRunning   = "RUNNING"
	taskCompleted = "COMPLETED"
	taskCancelled = "CANCELLED"
	taskFailed    = "FAILED"
)

// task is a move task: dead letters on their way back.
type task struct {
	ID     string
	Source string // ARN of the dead-letter queue
	// Destination is the ARN of a queue; empty: each message goes back to the
	// queue that it came from.
	Destination   string `json:",omitempty"`
	Rate          *int32 `json:",omitempty"` // messages a second
	Started       int64  // milliseconds since 1970
	Status        string
	Moved, ToMove int64
	FailureReason string `json:",omitempty"`
	// Account, Region and Principal are who started it: KMS is asked as them.
	Account, Region, Principal string
	// PrincipalID is the unique id of the user or role behind Principal.
	PrincipalID string `json:",omitempty"`
}

// maxTasks is how many tasks of a queue are remembered.
const maxTasks = 10

// taskKey sorts the tasks of a source newest first.
func taskKey(t *task) string {
	return t.Source + "\x00" + fmt.Sprintf("%016x", ^uint64(t.Started)) + t.ID
}

// taskHandle is what a TaskHandle says, in base64 [Q190].
type taskHandle struct {
	TaskID    string `json:"taskId"`
	SourceARN string `json:"sourceArn"`
}

func (t *task) handle() string {
	raw, err := json.Marshal(taskHandle{t.ID, t.Source})
	if err != nil {
		panic("sqs: " + err.Error()) // texts can always be marshaled
	}
	return base64.StdEncoding.EncodeToString(raw)
}

func openTaskHandle(text string) (h taskHandle, err error) {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(raw, &h)
	}
	_, ok := nameOf(h.SourceARN)
	if err != nil || h.TaskID == "" || !ok {
		return h, ErrInvalidParameterValue.With("Value for parameter TaskHandle is invalid.") // [Q200]
	}
	return h, nil
}

func noResource(parameter string) *api.Error {
	return ErrResourceNotFound.Withf("The resource that you specified for the %s parameter doesn't exist.", parameter)
}

// byARN is the queue of a parameter that is a queue's ARN, and its target.
func (s *Service) byARN(ctx context.Context, r store.Reader, text, parameter string) (api.Target, *queue) {
	n, ok := nameOf(text)
	if !ok || n.region != api.RequestFrom(ctx).Region {
		return api.Target{ARN: text, Account: api.RequestFrom(ctx).Account, Missing: noResource(parameter)}, nil
	}
	q := s.queues.Get(r, n.key())
	t := s.target(ctx, n, q)
	if t.Missing != nil {
		t.Missing = noResource(parameter)
	}
	return t, q
}

// onSource resolves an input to the queue that a move task's messages come from.
func (s *Service) onSource(ctx context.Context, text string) (t api.Target, q *queue, err error) {
	err = s.engine.View(ctx, func(r store.Reader) error {
		t, q = s.byARN(ctx, r, text, "SourceArn")
		return nil
	})
	return t, q, err
}

// moveActions are what starting a move task needs: the last one on the queues
// that messages go to, the others on the queue that they come from [A3.5].
var moveActions = []string{
	"sqs:StartMessageMoveTask", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes",
	"sqs:SendMessage",
}

// StartMessageMoveTaskInput is the input of StartMessageMoveTask.
type StartMessageMoveTaskInput struct {
	SourceArn                    string `check:"required"`
	DestinationArn               string
	MaxNumberOfMessagesPerSecond *int32
}

// StartMessageMoveTaskOutput is the output of StartMessageMoveTask.
type StartMessageMoveTaskOutput struct {
	TaskHandle string
}

// movement is between which queues a move task moves messages.
type movement struct {
	source *queue
	// destination is nil where each message goes back to the queue that it came from.
	destination *queue
	// sources are the queues whose dead-letter queue the source is; where there is a
	// destination, at most one.
	sources []*queue
}

func (s *Service) onMovement(ctx context.Context, in *StartMessageMoveTaskInput) (checks []api.Check, m *movement, err error) {
	err = s.engine.View(ctx, func(r store.Reader) error {
		m, checks = new(movement), nil
		var t api.Target
		t, m.source = s.byARN(ctx, r, in.SourceArn, "SourceArn")
		for _, action := range moveActions[:4] {
			checks = append(checks, api.Check{Action: action, Target: t})
		}
		for _, n := range s.sources(r, in.SourceArn, "") {
			q := s.queues.Get(r, n.key())
			m.sources = append(m.sources, q)
			if in.DestinationArn != "" {
				break
			}
			checks = append(checks, api.Check{Action: "sqs:SendMessage", Target: s.target(ctx, n, q)})
		}
		if in.DestinationArn != "" {
			t, m.destination = s.byARN(ctx, r, in.DestinationArn, "DestinationArn")
			checks = append(checks, api.Check{Action: "sqs:SendMessage", Target: t})
		}
		return nil
	})
	return checks, m, err
}

// check refuses what cannot be moved.
func (m *movement) check() error {
	switch {
	case len(m.sources) == 0:
		return ErrInvalidParameterValue.With("Source queue must be configured as a Dead Letter Queue.") // [Q197]
	case m.destination == nil:
		return nil
	case m.destination.arn == m.source.arn:
		return ErrInvalidParameterValue.With("Source queue arn and destination queue arn cannot be the same.")
	case m.destination.fifo != m.source.fifo:
		return ErrInvalidParameterValue.With("Source queue and destination queue must be of the same type.")
	}
	return nil
}

// confirm makes sure within a transaction that the queues are as they were when
// the call was decided.
func (m *movement) confirm(r store.Reader) error {
	if err := api.Confirm(r, m.source, noResource("SourceArn")); err != nil {
		return err
	}
	if m.destination != nil {
		return api.Confirm(r, m.destination, noResource("DestinationArn"))
	}
	for _, q := range m.sources {
		if err := confirm(r, q); err != nil {
			return err
		}
	}
	return nil
}

// StartMessageMoveTask moves the messages of a dead-letter queue back to the
// queues that they came from, or to another one. They are sent anew: with new
// ids, times and data keys.
//
// See https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html.
func (s *Service) StartMessageMoveTask(ctx context.Context, in *StartMessageMoveTaskInput) (*StartMessageMoveTaskOutput, error) {
	return api.DoChecks(ctx, in, s.onMovement, s.startMessageMoveTask)
}

func (s *Service) startMessageMoveTask(ctx context.Context, m *movement, in *StartMessageMoveTaskInput) (*StartMessageMoveTaskOutput, error) {
	if rate := in.MaxNumberOfMessagesPerSecond; rate != nil && (*rate < 1 || *rate > 500) {
		return nil, badValue(*rate, "MaxNumberOfMessagesPerSecond", "Must be between 1 and 500, if provided.")
	}
	r := api.RequestFrom(ctx)
	now := s.clock.Now()
	t := &task{
		ID: s.ids.UUID(), Source: in.SourceArn, Destination: in.DestinationArn, Rate: in.MaxNumberOfMessagesPerSecond,
		Started: millis(now), Status: taskRunning,
		Account: r.Account, Region: r.Region, Principal: r.Caller.PrincipalARN(), PrincipalID: r.Caller.ID,
	}
	if err := m.check(); err != nil {
		return nil, err
	}
	n, err := s.count(ctx, m.source)
	if err != nil {
		return nil, err
	}
	t.ToMove = n.visible
	err = s.engine.Update(ctx, func(tx store.Tx) error {
		if err := m.confirm(tx); err != nil {
			return err
		}
		var known []string
		for key, old := range s.tasks.Scan(tx, t.Source+"\x00", "", store.All) {
			if old.Status == taskRunning {
				return ErrInvalidParameterValue.With("There is already a task running. Only one active task is allowed for a source queue arn at a given time.")
			}
			known = append(known, key)
		}
		for i, key := range known {
			if i >= maxTasks-1 {
				s.tasks.Delete(tx, key)
			}
		}
		s.tasks.Put(tx, taskKey(t), t)
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.move(context.WithoutCancel(ctx), t)
	return &StartMessageMoveTaskOutput{TaskHandle: t.handle()}, nil
}

// CancelMessageMoveTaskInput is the input of CancelMessageMoveTask.
type CancelMessageMoveTaskInput struct {
	TaskHandle string `check:"required"`
}

// CancelMessageMoveTaskOutput is the output of CancelMessageMoveTask.
type CancelMessageMoveTaskOutput struct {
	ApproximateNumberOfMessagesMoved int64
}

func (s *Service) cancelTarget(ctx context.Context, in *CancelMessageMoveTaskInput) (api.Target, *queue, error) {
	h, err := openTaskHandle(in.TaskHandle)
	if err != nil {
		return api.Target{}, nil, err
	}
	return s.onSource(ctx, h.SourceARN)
}

// CancelMessageMoveTask stops a move task. What was moved stays moved.
//
// See https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CancelMessageMoveTask.html.
func (s *Service) CancelMessageMoveTask(ctx context.Context, in *CancelMessageMoveTaskInput) (*CancelMessageMoveTaskOutput, error) {
	return api.Do(ctx, in, s.cancelTarget, s.cancelMessageMoveTask)
}

func (s *Service) cancelMessageMoveTask(ctx context.Context, q *queue, in *CancelMessageMoveTaskInput) (*CancelMessageMoveTaskOutput, error) {
	h, err := openTaskHandle(in.TaskHandle)
	if err != nil {
		return nil, err
	}
	var moved int64
	err = s.engine.Update(ctx, func(tx store.Tx) error {
		if err := api.Confirm(tx, q, noResource("SourceArn")); err != nil {
			return err
		}
		for key, t := range s.tasks.Scan(tx, h.SourceARN+"\x00", "", store.All) {
			if t.ID != h.TaskID {
				continue
			}
			if t.Status != taskRunning {
				return ErrUnsupported.With("Only active tasks can be cancelled.")
			}
			canceled := *t
			canceled.Status, moved = taskCancelled, t.Moved
			s.tasks.Put(tx, key, &canceled)
			return nil
		}
		return ErrResourceNotFound.With("Task does not exist.")
	})
	if err != nil {
		return nil, err
	}
	return &CancelMessageMoveTaskOutput{ApproximateNumberOfMessagesMoved: moved}, nil
}

// ListMessageMoveTasksInput is the input of ListMessageMoveTasks.
type ListMessageMoveTasksInput struct {
	SourceArn  string `check:"required"`
	MaxResults *int32
}

// ListMessageMoveTasksOutput is the output of ListMessageMoveTasks.
type ListMessageMoveTasksOutput struct {
	Results []ListMessageMoveTasksResultEntry `query:"ListMessageMoveTasksResultEntry,flat"`
}

// ListMessageMoveTasksResultEntry is one move task. A TaskHandle has only one
// that can be canceled [Q192] [Q193].
type ListMessageMoveTasksResultEntry struct {
	TaskHandle                        string
	Status                            string
	SourceArn                         string
	DestinationArn                    string
	MaxNumberOfMessagesPerSecond      *int32
	ApproximateNumberOfMessagesMoved  int64
	ApproximateNumberOfMessagesToMove *int64
	FailureReason                     string
	StartedTimestamp                  int64 // milliseconds since 1970
}

func (s *Service) listTasksTarget(ctx context.Context, in *ListMessageMoveTasksInput) (api.Target, *queue, error) {
	return s.onSource(ctx, in.SourceArn)
}

// ListMessageMoveTasks lists the newest move tasks of a dead-letter queue, one
// unless MaxResults says up to ten.
//
// See https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListMessageMoveTasks.html.
func (s *Service) ListMessageMoveTasks(ctx context.Context, in *ListMessageMoveTasksInput) (*ListMessageMoveTasksOutput, error) {
	return api.Do(ctx, in, s.listTasksTarget, s.listMessageMoveTasks)
}

func (s *Service) listMessageMoveTasks(ctx context.Context, _ *queue, in *ListMessageMoveTasksInput) (*ListMessageMoveTasksOutput, error) {
	limit := 1
	if n := in.MaxResults; n != nil {
		if *n < 1 || *n > maxTasks {
			return nil, badValue(*n, "MaxResults", "Must be between 1 and 10, if provided.")
		}
		limit = int(*n)
	}
	out := new(ListMessageMoveTasksOutput)
	err := s.engine.View(ctx, func(r store.Reader) error {
		*out = ListMessageMoveTasksOutput{}
		for _, t := range s.tasks.Scan(r, in.SourceArn+"\x00", "", limit) {
			out.Results = append(out.Results, t.entry())
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (t *task) entry() ListMessageMoveTasksResultEntry {
	e := ListMessageMoveTasksResultEntry{
		Status: t.Status, SourceArn: t.Source, DestinationArn: t.Destination, MaxNumberOfMessagesPerSecond: t.Rate,
		ApproximateNumberOfMessagesMoved: t.Moved, ApproximateNumberOfMessagesToMove: &t.ToMove,
		FailureReason: t.FailureReason, StartedTimestamp: t.Started,
	}
	if t.Status == taskRunning {
		e.TaskHandle = t.handle()
	}
	return e
}
