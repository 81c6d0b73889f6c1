package sqs

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"reflect"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
)

// CreateQueueInput is the input of CreateQueue.
type CreateQueueInput struct {
	QueueName  string            `check:"required"`
	Attributes map[string]string `query:"Attribute,flat,key=Name,value=Value"`
	Tags       map[string]string `name:"tags" query:"Tag,flat,key=Key,value=Value"`
}

// CreateQueueOutput is the output of CreateQueue.
type CreateQueueOutput struct {
	QueueUrl string
}

// checkName refuses what is no queue name: 1 to 80 letters, digits, hyphens and
// underscores; a FIFO queue's ends in .fifo.
func checkName(queueName string, fifo bool) error {
	base, suffixed := strings.CutSuffix(queueName, ".fifo")
	if fifo && (!suffixed || !isName(base) || len(queueName) > 80) {
		return ErrInvalidParameterValue.With("The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.")
	}
	if !fifo && (!isName(queueName) || len(queueName) > 80) {
		return ErrInvalidParameterValue.With("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")
	}
	return nil
}

// isName reports whether s is one or more letters, digits, hyphens and underscores.
func isName(s string) bool {
	for _, c := range []byte(s) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_':
		default:
			return false
		}
	}
	return s != ""
}

// deletedRecently is how long the name of a deleted queue is not free.
const deletedRecently = time.Minute

// CreateQueue creates a queue, or answers the queue of the name where it has
// the attributes given.
//
// See https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html.
func (s *Service) CreateQueue(ctx context.Context, in *CreateQueueInput) (*CreateQueueOutput, error) {
	r := api.RequestFrom(ctx)
	n := name{r.Account, r.Region, in.QueueName}
	c, err := checked(in.Attributes, in.QueueName)
	if err != nil {
		return nil, err
	}
	if err := checkTags(in.QueueName, in.Tags); err != nil {
		return nil, err
	}
	if err := s.checkPolicy(ctx, n, c); err != nil {
		return nil, err
	}
	now := s.clock.Now()
	err = s.engine.Update(ctx, func(tx store.Tx) error {
		if old := s.queues.Get(tx, n.key()); old != nil {
			return old.same(c)
		}
		if g := s.tombstones.Get(tx, n.key()); g != nil && now.Before(time.UnixMilli(g.Deleted).Add(deletedRecently)) {
			return ErrQueueDeletedRecently
		}
		s.tombstones.Delete(tx, n.key())
		return s.create(tx, n, c, in.Tags, now)
	})
	if err != nil {
		return nil, err
	}
	return &CreateQueueOutput{QueueUrl: queueURL(ctx, n)}, nil
}

func (s *Service) create(tx store.Tx, n name, c change, tags map[string]string, now time.Time) error {
	q := &queue{
		Account: n.account, Region: n.region, Name: n.queue,
		Backlog: newBacklog(tx), Created: now.Unix(), Modified: now.Unix(),
		Attributes: map[string]string{}, Tags: tags,
		DeduplicatesByGroup: c["DeduplicationScope"] == "messageGroup",
	}
	if err := s.redriveTo(tx, q, c); err != nil {
		return err
	}
	s.apply(tx, q, c)
	if err := q.checkThroughput(); err != nil {
		return err
	}
	s.queues.Put(tx, n.key(), q)
	return nil
}

// same refuses to create a queue again with a value that is not its current one [Q042] [Q043].
func (q *queue) same(c change) error {
	for _, a := range attributes {
		if v, given := c[a.name]; given && !sameValue(v, q.value(a.name)) {
			return ErrQueueNameExists.With("A queue already exists with the same name and a different value for attribute " + a.name)
		}
	}
	return nil
}

// sameValue compares documents by what they say.
func sameValue(a, b string) bool {
	if a == b {
		return true
	}
	var left, right any
	return strings.HasPrefix(a, "{") && json.Unmarshal([]byte(a), &left) == nil &&
		json.Unmarshal([]byte(b), &right) == nil && reflect.DeepEqual(left, right)
}

// GetQueueUrlInput is the input of GetQueueUrl.
type GetQueueUrlInput struct {
	QueueName              string `check:"required"`
	QueueOwnerAWSAccountId string
}

func (in *GetQueueUrlInput) name(ctx context.Context) name {
	r := api.RequestFrom(ctx)
	n := name{r.Account, r.Region, in.QueueName}
	if in.QueueOwnerAWSAccountId != "" {
		n.account = in.QueueOwnerAWSAccountId
	}
	return n
}

// GetQueueUrlOutput is the output of GetQueueUrl.
type GetQueueUrlOutput struct {
	QueueUrl string
}

// GetQueueUrl answers the URL of a queue of the caller's or another account.
//
// See https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueUrl.html.
func (s *Service) GetQueueUrl(ctx context.Context, in *GetQueueUrlInput) (*GetQueueUrlOutput, error) {
	return api.Do(ctx, in, s.namedQueue, s.getQueueUrl)
}

func (s *Service) getQueueUrl(ctx context.Context, q *queue, in *GetQueueUrlInput) (*GetQueueUrlOutput, error) {
	return &GetQueueUrlOutput{QueueUrl: queueURL(ctx, q.name())}, nil
}

// ListQueuesInput is the input of ListQueues.
type ListQueuesInput struct {
	QueueNamePrefix string
	MaxResults      *int32
	NextToken       string
}

// ListQueuesOutput is the output of ListQueues.
type ListQueuesOutput struct {
	QueueUrls []string `query:"QueueUrl,flat"`
	NextToken string
}

// maxPage is the largest page of a list, and the size of one that is not paged.
const maxPage = 1000

// page is where a list goes on and how much of it is wanted.
type page struct {
	size  int
	paged bool
	from  string // the key that it begins with
}

func newPage(maxResults *int32, token string) (page, error) {
	p := page{size: maxPage}
	if maxResults != nil {
		if *maxResults < 1 || *maxResults > maxPage {
			return p, badValue(*maxResults, "MaxResults", "MaxResults must be an integer between 1 and 1000.")
		}
		p.size, p.paged = int(*maxResults), true
	}
	from, valid := resource.ReadToken(token)
	if !valid {
		return p, ErrInvalidParameterValue.With("Invalid or expired next token.")
	}
	p.from = from
	return p, nil
}

// token is the NextToken of a list that goes on with key.
func (p page) token(key string) string {
	if !p.paged {
		return "" // [Q083]
	}
	return resource.NewToken(key)
}

// ListQueues lists the queues of the caller's account and region by name. At
// most 1,000 are listed; to page through more, give MaxResults.
//
// See https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListQueues.html.
func (s *Service) ListQueues(ctx context.Context, in *ListQueuesInput) (*ListQueuesOutput, error) {
	p, err := newPage(in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	r := api.RequestFrom(ctx)
	out := new(ListQueuesOutput)
	err = s.engine.View(ctx, func(reader store.Reader) error {
		*out = ListQueuesOutput{}
		prefix := name{r.Account, r.Region, in.QueueNamePrefix}.key()
		for key, q := range s.queues.Scan(reader, prefix, p.from, p.size+1) {
			if len(out.QueueUrls) == p.size {
				out.NextToken = p.token(key)
				break
			}
			out.QueueUrls = append(out.QueueUrls, queueURL(ctx, q.name()))
		}
		return nil
	})
	return out, err
}

// DeleteQueueInput is the input of DeleteQueue.
type DeleteQueueInput struct {
	QueueUrl string `check:"required"`
}

func (in *DeleteQueueInput) queue() string { return in.QueueUrl }

// DeleteQueueOutput is the output of DeleteQueue.
type DeleteQueueOutput struct{}

// DeleteQueue deletes a queue with its messages at once. Its name is free again
// after 60 seconds; at once where a service deletes it for its caller.
//
// See https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteQueue.html.
func (s *Service) DeleteQueue(ctx context.Context, in *DeleteQueueInput) (*DeleteQueueOutput, error) {
	return api.Do(ctx, in, onQueue[*DeleteQueueInput](s), s.deleteQueue)
}

func (s *Service) deleteQueue(ctx context.Context, q *queue, in *DeleteQueueInput) (*DeleteQueueOutput, error) {
	n := q.name()
	now := s.clock.Now()
	// A stack's deletion ends on AWS when the name is free.
	direct := api.RequestFrom(ctx).Direct()
	err := s.engine.Update(ctx, func(tx store.Tx) error {
		if err := confirm(tx, q); err != nil {
			return err
		}
		if q.redrive != nil {
			tx.Delete(sourceKey(q.redrive.arn, n))
		}
		var tasks []string
		for key := range s.tasks.Scan(tx, q.arn+"\x00", "", store.All) {
			tasks = append(tasks, key)
		}
		for _, key := range tasks {
			s.tasks.Delete(tx, key)
		}
		s.queues.Delete(tx, n.key())
		if direct {
			s.tombstones.Put(tx, n.key(), &tombstone{Deleted: millis(now)})
		}
		leave(tx, q.Backlog)
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.cache.Forget(q.arn)
	s.owned.Forget(q.arn)
	s.waiters.wake(q.arn)
	s.sweepSoon()
	return &DeleteQueueOutput{}, nil
}

// PurgeQueueInput is the input of PurgeQueue.
type PurgeQueueInput struct {
	QueueUrl string `check:"required"`
}

func (in *PurgeQueueInput) queue() string { return in.QueueUrl }

// PurgeQueueOutput is the output of PurgeQueue.
type PurgeQueueOutput struct{}

// purgeInterval is how long a purge keeps the next one away.
const purgeInterval = time.Minute

// PurgeQueue deletes every message of a queue at once, and what a FIFO queue
// remembers of duplicates [Q168].
//
// See https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_PurgeQueue.html.
func (s *Service) PurgeQueue(ctx context.Context, in *PurgeQueueInput) (*PurgeQueueOutput, error) {
	return api.Do(ctx, in, onQueue[*PurgeQueueInput](s), s.purgeQueue)
}

func (s *Service) purgeQueue(ctx context.Context, q *queue, in *PurgeQueueInput) (*PurgeQueueOutput, error) {
	n := q.name()
	now := s.clock.Now()
	err := s.engine.Update(ctx, func(tx store.Tx) error {
		if err := confirm(tx, q); err != nil {
			return err
		}
		q := s.queues.Edit(tx, n.key())
		if q.Purged != 0 && now.Before(time.UnixMilli(q.Purged).Add(purgeInterval)) {
			return ErrPurgeQueueInProgress.Withf("Only one PurgeQueue operation on %s is allowed every 60 seconds.", n.queue)
		}
		q.Purged = millis(now)
		old := openBacklog(tx, q, now)
		leave(tx, q.Backlog)
		q.Backlog = newBacklog(tx)
		old.moved(q).close()
		s.queues.Put(tx, n.key(), q)
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.sweepSoon()
	return &PurgeQueueOutput{}, nil
}

// sweepSoon deletes, in the background, the records of backlogs that purges and
// deletions have given up. After a failure the next sweep deletes the rest, at the
// latest at the next start.
func (s *Service) sweepSoon() {
	s.background(func() { _ = store.Sweep(s.done, s.engine, sweepSome) })
}

// sweepSome deletes some records of backlogs that were given up. It reports whether
// there may be more.
func sweepSome(tx store.Tx) (more bool) {
	for key := range tx.Scan(sweepPrefix, "", 1) {
		backlog := prefixOf(binary.BigEndian.Uint64([]byte(strings.TrimPrefix(key, sweepPrefix))))
		if store.DeleteSome(tx, backlog, store.SweepSize) < store.SweepSize {
			tx.Delete(key)
		}
		return true
	}
	return false
}
