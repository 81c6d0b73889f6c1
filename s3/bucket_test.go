package s3

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func location(constraint string) *CreateBucketConfiguration {
	return &CreateBucketConfiguration{LocationConstraint: constraint}
}

// What is made is read back [S018] [S035].
func TestCreateBucket(t *testing.T) {
	w := newWorld(t)
	for _, test := range []struct {
		name, region string
		in           CreateBucketInput
		location     string // of the answer
		region2      string // of the bucket
		constraint   string // as it is read back
	}{
		{"S030 us-east-1", usEast1, CreateBucketInput{Bucket: "one"}, "/one", usEast1, ""},
		{"S030 elsewhere", "eu-central-1", CreateBucketInput{Bucket: "two", CreateBucketConfiguration: location("eu-central-1")}, "http://two.s3.amazonaws.com/", "eu-central-1", "eu-central-1"},
		{"S034 from us-east-1", usEast1, CreateBucketInput{Bucket: "three", CreateBucketConfiguration: location("ap-south-1")}, "http://three.s3.amazonaws.com/", "ap-south-1", "ap-south-1"},
		{"S034 EU", "eu-west-1", CreateBucketInput{Bucket: "four", CreateBucketConfiguration: location("EU")}, "http://four.s3.amazonaws.com/", "eu-west-1", "EU"},
		{"S030 empty configuration", usEast1, CreateBucketInput{Bucket: "five", CreateBucketConfiguration: location("")}, "/five", usEast1, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			out, err := w.CreateBucket(as(account, test.region), &test.in)
			if err != nil {
				t.Fatal(err)
			}
			if want := (CreateBucketOutput{BucketArn: "arn:aws:s3:::" + test.in.Bucket, Location: test.location}); *out != want {
				t.Errorf("%+v, want %+v", *out, want)
			}
			ctx := as(account, test.region2)
			head, err := w.HeadBucket(ctx, &HeadBucketInput{Bucket: test.in.Bucket})
			if err != nil || head.BucketRegion != test.region2 || head.BucketArn != out.BucketArn || *head.AccessPointAlias {
				t.Errorf("HeadBucket: %+v, %v", head, err)
			}
			where, err := w.GetBucketLocation(ctx, &GetBucketLocationInput{Bucket: test.in.Bucket})
			if err != nil || where.LocationConstraint != test.constraint {
				t.Errorf("GetBucketLocation: %+v, %v", where, err)
			}
		})
	}
}

func TestCreateBucketRefuses(t *testing.T) {
	w := newWorld(t)
	tags := func(tags ...Tag) *CreateBucketConfiguration { return &CreateBucketConfiguration{Tags: tags} }
	for _, test := range []struct {
		name, region string
		in           CreateBucketInput
		want         string
	}{
		{"S031 us-east-1 named", usEast1, CreateBucketInput{Bucket: "new", CreateBucketConfiguration: location(usEast1)}, "InvalidLocationConstraint: The specified location-constraint is not valid; LocationConstraint=us-east-1"},
		{"S031 unknown", usEast1, CreateBucketInput{Bucket: "new", CreateBucketConfiguration: location("us-est-1")}, "InvalidLocationConstraint: The specified location-constraint is not valid; LocationConstraint=us-est-1"},
		{"S032 none", "eu-west-1", CreateBucketInput{Bucket: "new"}, "IllegalLocationConstraintException: The unspecified location constraint is incompatible for the region specific endpoint this request was sent to."},
		{"S033 another", "eu-west-1", CreateBucketInput{Bucket: "new", CreateBucketConfiguration: location(usEast1)}, "IllegalLocationConstraintException: The us-east-1 location constraint is incompatible for the region specific endpoint this request was sent to."},
		{"S033 unknown", "eu-west-1", CreateBucketInput{Bucket: "new", CreateBucketConfiguration: location("x")}, "IllegalLocationConstraintException: The x location constraint is incompatible for the region specific endpoint this request was sent to."},
		{"S037 again with tags", usEast1, CreateBucketInput{Bucket: name, CreateBucketConfiguration: tags(Tag{"a", "b"})}, "BucketAlreadyOwnedByYou: Your previous request to create the named bucket succeeded and you already own it.; BucketName=" + name},
		{"S038 again from another region", "eu-west-1", CreateBucketInput{Bucket: name, CreateBucketConfiguration: location("eu-west-1")}, "BucketAlreadyOwnedByYou: Your previous request to create the named bucket succeeded and you already own it.; BucketName=" + name},
		{"S040 reserved tag", usEast1, CreateBucketInput{Bucket: "new", CreateBucketConfiguration: tags(Tag{"aws:a", ""})}, `InvalidTag: User-defined tag keys can't start with "aws:". This prefix is reserved for system tags. Remove "aws:" from your tag keys and try again.`},
		{"S182 doubled tag", usEast1, CreateBucketInput{Bucket: "new", CreateBucketConfiguration: tags(Tag{"a", ""}, Tag{"a", ""})}, "InvalidTag: Cannot provide multiple Tags with the same key; TagKey=a"},
		{"S187 ownership", usEast1, CreateBucketInput{Bucket: "new", ObjectOwnership: new("Nobody")}, "InvalidArgument: Invalid x-amz-object-ownership header: Nobody; ArgumentName=x-amz-object-ownership"},
		{"S187 empty ownership", usEast1, CreateBucketInput{Bucket: "new", ObjectOwnership: new("")}, "InvalidArgument: Invalid x-amz-object-ownership header: ; ArgumentName=x-amz-object-ownership"},
		{"S020 ACL", usEast1, CreateBucketInput{Bucket: "new", ACL: "fake-acl"}, "InvalidArgument: ; ArgumentName=x-amz-acl; ArgumentValue=fake-acl"},
		{"public ACL", usEast1, CreateBucketInput{Bucket: "new", ACL: "public-read"}, "InvalidBucketAclWithObjectOwnership: Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting"},
		{"public ACL where it could be", usEast1, CreateBucketInput{Bucket: "new", ACL: "public-read", ObjectOwnership: new("ObjectWriter")}, "InvalidBucketAclWithBlockPublicAccessError: Bucket cannot have public ACLs set with BlockPublicAccess enabled"},
		{"another ACL where it could be", usEast1, CreateBucketInput{Bucket: "new", ACL: "log-delivery-write", ObjectOwnership: new("ObjectWriter")}, "NotImplemented: A header you provided implies functionality that is not implemented; Header=x-amz-acl"},
		{"object lock", usEast1, CreateBucketInput{Bucket: "new", ObjectLockEnabledForBucket: new(true)}, "NotImplemented: A header you provided implies functionality that is not implemented; Header=x-amz-bucket-object-lock-enabled"},
		{"S042 namespace", usEast1, CreateBucketInput{Bucket: "new", BucketNamespace: "account-regional"}, "NotImplemented: A header you provided implies functionality that is not implemented; Header=x-amz-bucket-namespace"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := w.CreateBucket(as(account, test.region), &test.in)
			failsWith(t, err, test.want)
			if _, err := w.HeadBucket(w.ctx, &HeadBucketInput{Bucket: "new"}); err == nil {
				t.Error("the bucket was made")
			}
		})
	}
	// [S039]
	_, err := w.CreateBucket(as(other, usEast1), &CreateBucketInput{Bucket: name})
	failsWith(t, err, "BucketAlreadyExists: The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.; BucketName="+name)
}

// Making a bucket again changes nothing in us-east-1 [S036].
func TestCreateBucketAgain(t *testing.T) {
	w := newWorld(t)
	w.put("key", "body")
	w.create(w.ctx, &CreateBucketInput{Bucket: name, CreateBucketConfiguration: &CreateBucketConfiguration{}})
	w.wantBody("key", "body")
}

// [S052] [S011]
func TestBucketNames(t *testing.T) {
	for valid, names := range map[bool][]string{
		true:  {"abc", "a.b-c9", "1bucket", strings.Repeat("a", 63), "192.168.0.1.5"},
		false: {"", "ab", strings.Repeat("a", 64), "Abc", "a_b", "-abc", "abc-", "a..b", "192.168.0.1", "xn--abc", "sthree-a", "amzn-s3-demo-a", "a-s3alias", "a--ol-s3", "a.mrap", "a--x-s3", "a--table-s3", "ä-bucket"},
	} {
		for _, n := range names {
			if validName(n) != valid {
				t.Errorf("%q: %v", n, !valid)
			}
		}
	}
	w := newWorld(t)
	_, err := w.CreateBucket(w.ctx, &CreateBucketInput{Bucket: "Abc"})
	failsWith(t, err, "InvalidBucketName: The specified bucket is not valid.; BucketName=Abc")
}

func TestBucketsThatAreNotTheCallers(t *testing.T) {
	w := newWorld(t)
	for _, test := range []struct{ name, bucket, owner, region, want string }{
		{"S005 no bucket", "missing", "", usEast1, "NoSuchBucket: The specified bucket does not exist; BucketName=missing"},
		{"S015 no account", name, "1", usEast1, "InvalidBucketOwnerAWSAccountID: The value of the expected bucket owner parameter must be an AWS Account ID... [1]"},
		{"S016 another owner", name, other, usEast1, "AccessDenied: Access Denied"},
		{"S048 another region", name, "", "eu-west-1", "PermanentRedirect: The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.; Endpoint=" + name + ".s3.us-east-1.amazonaws.com; Bucket=" + name},
	} {
		t.Run(test.name, func(t *testing.T) {
			ctx := as(account, test.region)
			_, err := w.GetBucketLocation(ctx, &GetBucketLocationInput{Bucket: test.bucket, ExpectedBucketOwner: test.owner})
			failsWith(t, err, test.want)
			_, err = w.GetObject(ctx, &GetObjectInput{Bucket: test.bucket, Key: "key", ExpectedBucketOwner: test.owner})
			failsWith(t, err, test.want)
			_, err = w.PutObject(ctx, &PutObjectInput{Bucket: test.bucket, Key: "key", Body: bodyOf("x"), ExpectedBucketOwner: test.owner})
			failsWith(t, err, test.want)
			_, err = w.DeleteObject(ctx, &DeleteObjectInput{Bucket: test.bucket, Key: "key", ExpectedBucketOwner: test.owner})
			failsWith(t, err, test.want)
			_, err = w.DeleteBucket(ctx, &DeleteBucketInput{Bucket: test.bucket, ExpectedBucketOwner: test.owner})
			failsWith(t, err, test.want)
		})
	}
	if _, err := w.HeadBucket(w.ctx, &HeadBucketInput{Bucket: name, ExpectedBucketOwner: account}); err != nil {
		t.Error(err)
	}
}

func TestDeleteBucket(t *testing.T) {
	w := newWorld(t)
	w.put("key", "body")
	_, err := w.DeleteBucket(w.ctx, &DeleteBucketInput{Bucket: name})
	failsWith(t, err, "BucketNotEmpty: The bucket you tried to delete is not empty; BucketName="+name)
	if _, err := w.DeleteObject(w.ctx, &DeleteObjectInput{Bucket: name, Key: "key"}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.DeleteBucket(w.ctx, &DeleteBucketInput{Bucket: name}); err != nil {
		t.Fatal(err)
	}
	if n := w.swept(); n != 0 || len(w.keys("s3.")) != 1 { // the secret
		t.Errorf("%d pieces are left, and %q", n, w.keys("s3."))
	}
	if _, err := w.CreateBucket(as(other, usEast1), &CreateBucketInput{Bucket: name}); err != nil {
		t.Errorf("the name is not free: %v", err)
	}
}

func TestListBuckets(t *testing.T) {
	w := newWorld(t)
	w.create(as(account, "eu-west-1"), &CreateBucketInput{Bucket: "alpha", CreateBucketConfiguration: location("eu-west-1")})
	w.create(as(other, usEast1), &CreateBucketInput{Bucket: "beta"})
	for i := range 3 {
		w.create(w.ctx, &CreateBucketInput{Bucket: fmt.Sprint("zeta", i)})
	}
	for _, test := range []struct {
		name string
		in   ListBucketsInput
		want []string
	}{
		{"S045 plain", ListBucketsInput{}, []string{"alpha ", "pettracker-images ", "zeta0 ", "zeta1 ", "zeta2 "}},
		{"S045 prefix", ListBucketsInput{Prefix: new("zeta")}, []string{"zeta0 us-east-1", "zeta1 us-east-1", "zeta2 us-east-1"}},
		{"region", ListBucketsInput{BucketRegion: new("eu-west-1")}, []string{"alpha eu-west-1"}},
		{"S045 empty token", ListBucketsInput{ContinuationToken: new(""), MaxBuckets: new(int32(1))}, []string{"alpha eu-west-1"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			out, err := w.ListBuckets(w.ctx, &test.in)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, b := range out.Buckets {
				got = append(got, b.Name+" "+b.BucketRegion)
				if b.BucketArn != "arn:aws:s3:::"+b.Name || !b.CreationDate.Equal(start) {
					t.Errorf("%+v", b)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			if out.Owner.DisplayName != "" || len(out.Owner.ID) != 64 { // [S044] [S050]
				t.Errorf("the owner is %+v", out.Owner)
			}
		})
	}
	var pages []string
	in := &ListBucketsInput{MaxBuckets: new(int32(2))}
	for {
		out, err := w.ListBuckets(w.ctx, in)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, fmt.Sprint(len(out.Buckets), out.Buckets[0].Name))
		if in.ContinuationToken = &out.ContinuationToken; out.ContinuationToken == "" {
			break
		}
	}
	if diff := cmp.Diff([]string{"2alpha", "2zeta0", "1zeta2"}, pages); diff != "" {
		t.Error(diff)
	}
}

func TestListBucketsRefuses(t *testing.T) {
	w := newWorld(t)
	for _, test := range []struct {
		name string
		in   ListBucketsInput
		want string
	}{
		{"S046 region", ListBucketsInput{BucketRegion: new("x")}, "InvalidArgument: Argument value x is not a valid AWS Region; ArgumentName=bucket-region"},
		{"token", ListBucketsInput{ContinuationToken: new("x")}, "InvalidArgument: The continuation token provided is incorrect; ArgumentName=continuation-token"},
		{"number", ListBucketsInput{MaxBuckets: new(int32(0))}, "InvalidArgument: Argument max-buckets must be an integer between 1 and 10000; ArgumentName=max-buckets; ArgumentValue=0"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := w.ListBuckets(w.ctx, &test.in)
			failsWith(t, err, test.want)
		})
	}
}
