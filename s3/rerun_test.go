package s3

import (
	"testing"

	"github.com/waxseal/waxseal/internal/store/storetest/rerun"
)

// Whatever the service does, it does where the engine runs closures again.
func TestClosuresRunAgain(t *testing.T) {
	rerun.Tests(t,
		TestCreateBucket, TestCreateBucketRefuses, TestCreateBucketAgain, TestBucketNames, TestBucketsThatAreNotTheCallers, TestDeleteBucket,
		TestListBuckets, TestListBucketsRefuses, TestPutAndGet, TestWhatIsSaidOfAnObject, TestPutRefuses, TestChecksums, TestRanges,
		TestPartsOfAPlainObject, TestConditionsOfReading, TestMissingObject, TestArchivedObjectIsNotRead, TestReadersKeepWhatTheyRead,
		TestReadMeetsOverwriting, TestDamagedBody, TestSweep, TestSweepInTheBackground, TestKeys,
		TestBucketVersioning, TestVersions, TestVersionIDsAreUnforgeable, TestDeleteMarkersAreNoObjects, TestVersionsOfATurnedClock,
		TestConditionalDelete, TestDeleteObjects, TestDeleteObjectsRefuses, TestOwnershipControls, TestACLs, TestBucketTags, TestObjectTags,
		TestTagsOfAVersion, TestWhatNoBucketHas, TestListObjects, TestListedObject, TestListRefuses, TestListObjectVersions,
		TestNotificationsReadBack, TestNotificationForms, TestTooManyNotifications, TestDestinationsAreValidated, TestTestEvents,
		TestChangesAreTold, TestNothingHappenedNothingIsTold, TestRefusedNotificationsAreLostAndRecorded,
		TestFailedNotificationsAreTriedAgain, TestFunctionsAreMissing, TestNotificationsSurviveARestart, TestTagsAreTold,
		TestMultipartUpload, TestPartsOfNothing, TestAbortMultipartUpload, TestAbortWhileUploading, TestDeleteBucketWithUploads, TestUploadPartRefuses,
		TestCreateMultipartUploadRefuses, TestConditionalComplete, TestListParts, TestListMultipartUploads, TestGetObjectAttributes,
		TestCopyObject, TestCopyRefuses, TestCopyOfVersions, TestUploadPartCopy,
	)
}
