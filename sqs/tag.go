package sqs

// maxTags is how many tags a queue may have.
const maxTags = 50

// checkTags refuses tags that AWS refuses.
//
// See https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-tags.html.
func checkTags(tags map[string]string) error {
	if len(tags) > maxTags {
		return ErrInvalidParameterValue.Withf("Too many tags added for queue, only %d tags are allowed.", maxTags)
	}
	for key, value := range tags {
		if key == "" || len(key) > 128 || len(value) > 256 {
			return ErrInvalidParameterValue.With("Tag keys must be between 1 and 128 characters in length, tag values at most 256.")
		}
	}
	return nil
}
